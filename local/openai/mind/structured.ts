import { TurnError } from '../turn.ts';
import { answer } from './answer/answer.ts';
import { orderIn } from './answer/instructed.ts';
import { factsOf } from './facts.ts';
import { Clues } from './schema/clues.ts';
import { fillSchema } from './schema/fill.ts';
import { earlierRequests, textOf } from './conversation.ts';
import type { Thought } from './thought.ts';
import { fieldsOf, parseJson, stringOf } from './values.ts';

const JSON_FORMATS = new Set(['json_schema', 'json_object']);

/** True when the answer must be JSON. */
export function wantsJson({ ask }: Pick<Thought, 'ask'>): boolean {
  return JSON_FORMATS.has(stringOf(ask.format['type']) ?? '');
}

/** The service refuses JSON mode when nothing in the input says JSON. @throws TurnError 400. */
export function checkJsonMode({ ask, talk }: Pick<Thought, 'ask' | 'talk'>): void {
  if (ask.format['type'] !== 'json_object') return;
  const said =
    /json/i.test(talk.guidance) || talk.items.some((item) => item.type === 'message' && /json/i.test(textOf(item)));
  if (!said) {
    throw new TurnError(
      400,
      "Response input messages must contain the word 'json' in some form to use 'text.format' of type 'json_object'.",
      { param: 'input' },
    );
  }
}

/** The answer as JSON: the schema filled with what text and documents say, or an object around the plain answer. */
export async function structuredAnswer(thought: Thought): Promise<string> {
  const { ask, talk } = thought;
  const order = orderIn(talk.prompt);
  if (order && 'say' in order && parseJson(order.say) !== undefined) return order.say;
  if (ask.format['type'] === 'json_object') return JSON.stringify(await freeObject(thought));
  return JSON.stringify(fillSchema(fieldsOf(ask.format['schema']), cluesOf(thought)));
}

/** The documents come first: a form is usually about them. What was told earlier stands behind the message. */
function cluesOf({ talk, recent, earlier }: Thought): Clues {
  const documents = recent.documents.length > 0 ? recent.documents : [...earlier.documents, ...talk.memory.documents];
  const told = factsOf(talk).map((fact) => `${fact.subject.replace(/^(?:my|the) /, '')}: ${fact.value}`);
  const outputs = talk.turn.map((item) => item['output']).filter((output) => typeof output === 'string');
  const texts = [
    ...documents.map((document) => document.pages.join('\n')),
    ...outputs,
    talk.prompt,
    ...told,
    ...earlierRequests(talk),
  ];
  return new Clues(texts.filter((text) => text !== '').join('\n'), documents[0]?.title);
}

async function freeObject(thought: Thought): Promise<Record<string, string>> {
  const reply = await answer(thought);
  const object: Record<string, string> = { answer: reply.text };
  for (const { subject, value } of factsOf(thought.talk)) {
    object[subject.replace(/^(?:my|the) /, '').replace(/\s+/g, '_')] = value;
  }
  return object;
}
