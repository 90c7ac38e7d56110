import { earlierRequests } from '../conversation.ts';
import { factsOf } from '../facts.ts';
import type { Thought } from '../thought.ts';
import { hashOf } from '../values.ts';
import { sentencesOf, shorten } from '../words.ts';
import { analyse, touches } from './analysis.ts';
import { workOut } from './arithmetic.ts';
import { orderIn } from './instructed.ts';
import { GREETING, inLanguage } from './language.ts';
import { essay, essayAsked, fitWords, topicOf, wordsAsked } from './length.ts';
import { know, refersBack } from './knowledge.ts';
import { webPage } from './page.ts';
import { describePictures } from './pictures.ts';
import { recall } from './recall.ts';
import { styled } from './style.ts';

/** What the model says; a refusal goes into a content part of its own. */
export interface Reply {
  text: string;
  refusal?: boolean;
}

/** Longest part of a message that is quoted back. */
const MAX_ECHO_CHARS = 400;
/** Longest text that is read sentence by sentence: more than that is material, not a question. */
const MAX_READ_CHARS = 20_000;

/** The answer to the last user message, by the first rule that fits. */
export async function answer(thought: Thought): Promise<Reply> {
  const { prompt, guidance } = thought.talk;
  const order = orderIn(prompt.slice(-MAX_READ_CHARS)) ?? orderIn(guidance);
  if (order) return 'say' in order ? { text: order.say } : { text: order.refuse, refusal: true };
  return { text: finish(await substance(thought), thought) };
}

/** True when a rule has an answer of its own: more than sending the message back. */
export async function knows(thought: Thought): Promise<boolean> {
  for (const rule of RULES) {
    if (rule !== followUp && (await rule(thought)) !== undefined) return true;
  }
  return false;
}

/** Gives a text the length, style and language that were asked for. */
export function finish(text: string, { talk: { prompt, guidance } }: Pick<Thought, 'talk'>): string {
  const orders = `${guidance}\n${prompt.slice(0, MAX_READ_CHARS)}`;
  const words = /\b(?:in|within|using|with|exactly|about|at most|under)\s+(?:\w+\s+)?\d[\d,.]*\s+words?\b/i.test(prompt)
    ? wordsAsked(prompt)
    : undefined;
  const fitted =
    words !== undefined && essayAsked(prompt) === undefined ? fitWords(text, words, topicOf(prompt)) : text;
  return inLanguage(styled(fitted, orders), orders);
}

type Rule = (thought: Thought) => string | undefined | Promise<string | undefined>;

const RULES: readonly Rule[] = [
  ({ talk, recent }) => (recent.documents.length > 0 ? analyse(talk.prompt, recent.documents) : undefined),
  ({ talk, recent }) => (recent.pictures.length > 0 ? describePictures(talk.prompt, recent.pictures) : undefined),
  written,
  bySentence,
  ({ talk }) => webPage(talk.prompt, earlierRequests(talk)),
  aboutEarlierDocuments,
  ({ talk, earlier }) =>
    earlier.pictures.length > 0 && /\b(?:image|picture|photo|screenshot)s?\b/i.test(talk.prompt)
      ? describePictures(talk.prompt, earlier.pictures)
      : undefined,
  followUp,
];

async function substance(thought: Thought): Promise<string> {
  for (const rule of RULES) {
    const text = await rule(thought);
    if (text !== undefined) return text;
  }
  return echo(thought.talk.prompt);
}

function written({ talk: { prompt } }: Thought): string | undefined {
  const words = essayAsked(prompt);
  if (words !== undefined) return essay(topicOf(prompt), words);
  const count = /\bcount (?:from (\d+) )?(?:up )?to (\d{1,6})\b/i.exec(prompt);
  if (!count) return undefined;
  const from = Number(count[1] ?? 1);
  return Array.from({ length: Math.max(0, Number(count[2]) - from + 1) }, (_, index) => from + index).join(', ');
}

/** Each sentence that some rule understands adds a sentence to the answer. */
function bySentence({ talk }: Thought): string | undefined {
  if (talk.prompt.length > MAX_READ_CHARS) return undefined;
  const earlier = earlierRequests(talk);
  const facts = factsOf(talk);
  const said = sentencesOf(talk.prompt).map(
    (sentence) =>
      recall(sentence, { facts, earlier }) ?? sum(sentence) ?? smallTalk(sentence) ?? know(sentence, earlier),
  );
  const sentences = [...new Set(said.filter((sentence) => sentence !== undefined))];
  const meaty = sentences.length > 1 ? sentences.filter((sentence) => sentence !== GREETING) : sentences;
  return meaty.length > 0 ? meaty.join(' ') : undefined;
}

function sum(sentence: string): string | undefined {
  const worked = workOut(sentence);
  if (!worked) return undefined;
  return worked.unknown === undefined
    ? `${worked.expression} = ${worked.result}`
    : `The solution of ${worked.expression} is ${worked.unknown} = ${worked.result}.`;
}

function smallTalk(sentence: string): string | undefined {
  if (/^(?:hi|hello|hey|good (?:morning|afternoon|evening)|greetings)\b/i.test(sentence)) return GREETING;
  if (/^(?:(?:this is|just) )?a? ?test\b[^a-z]*$/i.test(sentence)) return `Great! ${GREETING.slice('Hello! '.length)}`;
  if (/^(?:thanks|thank you)\b/i.test(sentence)) return 'You are welcome!';
  if (/\b(?:who|what) are you\b/i.test(sentence))
    return 'I am the local simulator of Azure OpenAI: my answers follow rules.';
  if (/\btell me a joke\b/i.test(sentence)) return 'Why did the token cross the stream? To get to the other delta.';
  return undefined;
}

function aboutEarlierDocuments({ talk, earlier }: Thought): string | undefined {
  const documents = [...earlier.documents, ...talk.memory.documents];
  return documents.length > 0 && touches(talk.prompt, documents) ? analyse(talk.prompt, documents) : undefined;
}

function followUp({ talk }: Thought): string | undefined {
  const before = earlierRequests(talk).at(-1);
  if (before === undefined || !refersBack(talk.prompt)) return undefined;
  return `About your earlier request ("${shorten(before, 200)}"): ${echo(talk.prompt)}`;
}

const ECHOES = ['You wrote:', 'I read:', 'You said:', 'Your message was:'];

/** When nothing fits, the message comes back: it proves at least what arrived. */
function echo(prompt: string): string {
  if (prompt === '') return 'I did not get any text. What can I do for you?';
  const lead = ECHOES[hashOf(prompt) % ECHOES.length] ?? '';
  return `${lead} "${shorten(prompt.replace(/\s+/g, ' '), MAX_ECHO_CHARS)}"`;
}
