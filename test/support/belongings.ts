import { randomBytes, randomUUID } from 'node:crypto';
import { toFile } from 'openai';
import { z } from 'zod';
import type { Endpoints } from '../../local/world/endpoints.ts';
import { chainIdOf } from './chains.ts';
import { documentsApi, newFolder, openDropBox } from './documents.ts';
import { textPdf } from './pdfs.ts';
import { newCaller } from './world.ts';

/** Everything that a caller can own and name by an id. */
export interface Belongings {
  /** Its key. */
  key: string;
  response: string;
  /** Made in the background and as a stream; it has ended. */
  run: string;
  chain: string;
  /** A response with an image, and its item. */
  painting: string;
  image: string;
  message: string;
  reasoning: string;
  file: string;
  picture: string;
  container: string;
  containerFile: string;
}

/** Names its owner, so that it is known wherever it shows up. */
const textOf = (key: string): string => `What ${key} keeps to itself.`;
const listing = z.looseObject({ id: z.string() });

/** A caller with one of each. */
export async function newOwner(endpoints: Endpoints): Promise<Belongings> {
  const { key, client } = newCaller(endpoints);
  const model = 'gpt-4.1';
  const text = textOf(key);
  const [plain, run, painting, thought, file, picture, container] = await Promise.all([
    client.responses.create({ model, input: text }),
    client.responses.stream({ model, input: text, background: true }).finalResponse(),
    client.responses.create({
      model,
      input: 'Generate an image of a red circle.',
      tools: [{ type: 'image_generation' }],
    }),
    client.responses.create({ model: 'o4-mini', input: text, reasoning: { effort: 'low' } }),
    client.files.create({ file: await toFile(await textPdf([text]), 'mine.pdf'), purpose: 'assistants' }),
    client.files.create({
      file: await toFile(Buffer.from(PIXEL, 'base64'), 'mine.png', { type: 'image/png' }),
      purpose: 'vision',
    }),
    client.containers.create({ name: 'mine' }),
  ]);
  const inside = listing.parse(await client.containers.files.create(container.id, { file_id: file.id }));
  const itemOf = (type: string): string =>
    [...plain.output, ...painting.output, ...thought.output].find((item) => item.type === type)?.id ?? '';
  return {
    key,
    response: plain.id,
    run: run.id,
    chain: chainIdOf(plain.id),
    painting: painting.id,
    image: itemOf('image_generation_call'),
    message: itemOf('message'),
    reasoning: itemOf('reasoning'),
    file: file.id,
    picture: picture.id,
    container: container.id,
    containerFile: inside.id,
  };
}

/** One pixel, as a PNG. */
const PIXEL = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';

/** A dropped document, analysed; it belongs to the key `local`. */
export async function dropDocument(endpoints: Endpoints): Promise<string> {
  const box = await openDropBox(endpoints);
  const name = `${newFolder()}/private.pdf`;
  const { document_id: id } = await box.analysisOf(name, await box.drop(name, await textPdf([textOf('local')])));
  return (await documentsApi(endpoints).settled(id, 'completed')).id;
}

const hex = (bytes: number): string => randomBytes(bytes).toString('hex');

/** Ids of the same form that nobody has. */
export const newStrangeIds = (): Omit<Belongings, 'key'> => ({
  response: `resp_${hex(24)}`,
  run: `resp_${hex(24)}`,
  chain: hex(12),
  painting: `resp_${hex(24)}`,
  image: `ig_${hex(24)}`,
  message: `msg_${hex(24)}`,
  reasoning: `rs_${hex(24)}`,
  file: `file-${hex(12)}`,
  picture: `file-${hex(12)}`,
  container: `cntr_${hex(24)}`,
  containerFile: `cfile_${hex(24)}`,
});

export const newStrangeDocument = (): string => `${randomUUID()}${randomUUID()}`.replaceAll('-', '').slice(0, 64);
