import type { Item, Turn } from '../../turn.ts';
import { fieldsOf, listOf, type Fields } from '../values.ts';
import { readDocument, type Document } from './documents.ts';
import { readPicture, type Picture } from './pictures.ts';

export interface Attachments {
  documents: readonly Document[];
  pictures: readonly Picture[];
}

const NONE: Attachments = { documents: [], pictures: [] };

/** Reads every file and image of the messages. @throws TurnError 400 for one that cannot be read. */
export async function readAttachments(
  items: readonly Item[],
  turn: Pick<Turn, 'readFile' | 'signal'>,
): Promise<Attachments> {
  const parts = items.flatMap(attachedParts);
  if (parts.length === 0) return NONE;
  const documents: Document[] = [];
  const pictures: Picture[] = [];
  for (const part of parts) {
    if (part['type'] === 'input_file') documents.push(await readDocument(part, turn));
    else pictures.push(await readPicture(part, turn));
  }
  return { documents, pictures };
}

const NO_PARTS: readonly Fields[] = [];

function attachedParts(item: Item): readonly Fields[] {
  const content = item.type === 'message' ? item['content'] : item['output'];
  if (!Array.isArray(content)) return NO_PARTS;
  return listOf(content)
    .map(fieldsOf)
    .filter((part) => part['type'] === 'input_file' || part['type'] === 'input_image');
}
