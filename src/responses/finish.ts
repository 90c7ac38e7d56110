import type { Images } from '../artifacts/images.ts';
import { toEnvelope } from '../chains/envelope.ts';
import type { ChainRecord } from '../chains/record.ts';
import { maskItem } from '../chains/secrets.ts';
import { readServiceStatus } from '../chains/status.ts';
import { containersIn } from '../containers/entry.ts';
import type { ServiceAnswer } from '../upstream/client.ts';
import { toItem } from '../upstream/items.ts';
import { isObject, type Item, type JsonObject, type ServiceResponse } from '../upstream/wire.ts';

export interface FinishDeps {
  endpoint: string;
  images: Pick<Images, 'takeOut'>;
}

export interface Finished {
  /** The record with the service's answer in it, ready to be written. */
  record: ChainRecord;
  /** The output as the caller gets it: images still in their items. */
  output: Item[];
}

/** Puts the service's answer into a record: our ids outside, images to Blob Storage, everything else as it came. */
export type Finish = (
  record: ChainRecord,
  answer: ServiceAnswer<ServiceResponse>,
  facts?: { rebuilt?: boolean },
) => Promise<Finished>;

export function createFinish(deps: FinishDeps): Finish {
  return async (record, { body, requestId }, facts = {}) => {
    const { output: rawOutput, ...rest } = body;
    const output = rawOutput.map((item) => maskItem(toItem(renamed(item, body.id, record.id))));
    const { output: light, images } = await deps.images.takeOut(record, output);
    return {
      output,
      record: {
        ...record,
        status: readServiceStatus(body.status) ?? record.status,
        envelope: { inline: toEnvelope(record, rest) },
        output: { inline: light },
        itemIds: [...new Set([...record.itemIds, ...output.map((item) => item.id)])],
        images,
        ...namedContainers(output),
        tokens: tokensOf(body.usage),
        // A stream that broke before its first event leaves no id: there is nothing at the service to read or to continue.
        service: body.id === '' ? record.service : { id: body.id, endpoint: deps.endpoint, requestId },
        ...(facts.rebuilt === true ? { rebuilt: true as const } : {}),
      },
    };
  };
}

function namedContainers(output: readonly Item[]): Pick<ChainRecord, 'containerIds'> {
  const containerIds = containersIn(output);
  return containerIds.length === 0 ? {} : { containerIds };
}

/** The same item with our id of the response wherever the service's stands in it. */
function renamed(item: JsonObject, theirs: string, ours: string): JsonObject {
  const walk = (value: unknown): unknown => {
    if (typeof value === 'string') return value === theirs ? ours : value;
    if (Array.isArray(value)) return value.map(walk);
    return isObject(value) ? renamed(value, theirs, ours) : value;
  };
  return Object.fromEntries(Object.entries(item).map(([key, value]) => [key, walk(value)]));
}

/** What was charged for; undefined when the service does not say. */
function tokensOf(usage: unknown): ChainRecord['tokens'] {
  if (!isObject(usage) || typeof usage.input_tokens !== 'number' || typeof usage.output_tokens !== 'number') {
    return undefined;
  }
  return { input: usage.input_tokens, output: usage.output_tokens };
}
