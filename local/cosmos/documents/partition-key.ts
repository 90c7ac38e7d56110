import { badRequest, SUBSTATUS } from '../errors.ts';
import { valueAt, type JsonObject, type Value } from '../json.ts';
import { MAX_PARTITION_KEY_BYTES } from '../limits.ts';
import type { Container } from '../store/container.ts';
import type { PartitionRange } from '../store/scan.ts';

/** The partition of a document as it is stored: a JSON array, `{}` for a missing value. */
function partitionText(values: readonly Value[]): string {
  const text = JSON.stringify(values.map((value) => (isKeyValue(value) ? value : {})));
  if (Buffer.byteLength(text) > MAX_PARTITION_KEY_BYTES) {
    throw badRequest(`The partition key is longer than ${MAX_PARTITION_KEY_BYTES} bytes.`);
  }
  return text;
}

const isKeyValue = (value: Value): boolean => value === null || ['string', 'number', 'boolean'].includes(typeof value);

/**
 * Reads the value of `x-ms-documentdb-partitionkey`. Fewer values than the key has levels are a prefix.
 * @throws CosmosError 400 when it is no array, or has more values than levels.
 */
export function parsePartitionHeader(container: Container, header: string | undefined): PartitionRange | undefined {
  if (header === undefined) return undefined;
  const values = parseArray(header);
  const levels = container.partitionPaths.length;
  if (values.length === 0) return undefined;
  if (values.length > levels) throw badRequest(`The partition key has ${values.length} values for ${levels} paths.`);
  return { text: partitionText(values), prefix: values.length < levels };
}

const isList = (value: unknown): value is Value[] => Array.isArray(value);

function parseArray(header: string): Value[] {
  try {
    const values: unknown = JSON.parse(header);
    if (isList(values)) return values;
  } catch {
    // Falls through to the refusal: not JSON is as wrong as no array.
  }
  throw badRequest('Partition key is invalid: the header x-ms-documentdb-partitionkey holds no JSON array.');
}

/** The partition of an operation on one item. @throws CosmosError 400 when it is missing or only a prefix. */
export function requirePartition(range: PartitionRange | undefined): string {
  if (!range || range.prefix) throw badRequest('PartitionKey value must be supplied for this operation.');
  return range.text;
}

/**
 * The partition that a document's own properties put it in.
 * @throws CosmosError 400/1001 when the caller named another one.
 */
export function partitionOf(container: Container, document: JsonObject, named: string | undefined): string {
  const text = partitionText(container.partitionPaths.map((path) => valueAt(document, path)));
  if (named !== undefined && named !== text) {
    throw badRequest(
      "PartitionKey extracted from document doesn't match the one specified in the header.",
      SUBSTATUS.partitionKeyMismatch,
    );
  }
  return text;
}
