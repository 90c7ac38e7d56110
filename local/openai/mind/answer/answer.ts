import { earlierRequests } from '../conversation.ts';
import { factsOf } from '../facts.ts';
import type { Thought } from '../thought.ts';
import { hashOf } from '../values.ts';
import { sentencesOf, shorten } from '../words.ts';
import { analyse, touches } from './analysis.ts';
import { workOut } from './arithmetic.ts';
import { orderIn } from './instructed.ts';
import { GREETING, inLanguage } from './language.ts';
import { essay, essayAsked, fitWords, haiku, sentencesAbout, sentencesAsked, topicOf, wordsAsked } from './length.ts';
import { listAsked } from './lists.ts';
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

/** Requests before this one that "it" and "the capital" may refer to. */
const MAX_LOOK_BACK = 20;
/** Longest part of a message that is quoted back. */
const MAX_ECHO_CHARS = 400;

/** The answer to the last user message, by the first rule that fits. */
export async function answer(thought: Thought): Promise<Reply> {
  const { prompt, guidance } = thought.talk;
  const order = orderIn(prompt) ?? orderIn(guidance);
  if (order) return 'say' in order ? { text: order.say } : { text: order.refuse, refusal: true };
  return { text: finish(await substance(thought), thought) };
}

/** True when a rule has an answer of its own: more than sending the message back. */
export async function knows(thought: Thought): Promise<boolean> {
  for (const rule of RULES) {
    if (rule !== followUp && rule !== atLength && (await rule(thought)) !== undefined) return true;
  }
  return false;
}

/** Gives a text the length, style and language that were asked for. */
export function finish(text: string, { talk: { prompt, guidance } }: Pick<Thought, 'talk'>): string {
  const orders = `${guidance}\n${prompt}`;
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
  summary,
  bySentence,
  ({ talk }) => webPage(talk.prompt, earlierRequests(talk).slice(-MAX_LOOK_BACK)),
  aboutEarlierDocuments,
  ({ talk, earlier }) =>
    earlier.pictures.length > 0 && /\b(?:image|picture|photo|screenshot)s?\b/i.test(talk.prompt)
      ? describePictures(talk.prompt, earlier.pictures)
      : undefined,
  atLength,
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
  if (/\bhaiku\b/i.test(prompt)) return haiku(topicOf(prompt));
  const words = essayAsked(prompt);
  if (words !== undefined) {
    const sentences = sentencesAsked(prompt);
    return sentences === undefined ? essay(topicOf(prompt), words) : sentencesAbout(topicOf(prompt), sentences);
  }
  const count = /\bcount (?:from (\d+) )?(?:up )?to (\d{1,6})\b/i.exec(prompt);
  if (!count) return undefined;
  const from = Number(count[1] ?? 1);
  return Array.from({ length: Math.max(0, Number(count[2]) - from + 1) }, (_, index) => from + index).join(', ');
}

/** The text that stands behind "Summarize the following:". */
function summary({ talk: { prompt } }: Thought): string | undefined {
  const text = /\b(?:summari[sz]e|tl;dr|shorten|sum up)\b[^:\n]*[:\n]\s*(.{20,})$/is.exec(prompt)?.[1];
  if (text === undefined) return undefined;
  const sentences = sentencesOf(text);
  return `The text has ${sentences.length} sentences. It begins: "${shorten(sentences[0] ?? '', 200)}" It ends: "${shorten(sentences.at(-1) ?? '', 200)}"`;
}

/** Each sentence that some rule understands adds a sentence to the answer. */
function bySentence({ talk }: Thought): string | undefined {
  const earlier = earlierRequests(talk);
  const facts = factsOf(talk);
  const said = sentencesOf(talk.prompt).map(
    (sentence) =>
      recall(sentence, { facts, earlier }) ??
      sum(sentence) ??
      smallTalk(sentence) ??
      listAsked(sentence) ??
      know(sentence, earlier.slice(-MAX_LOOK_BACK)),
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

/** What nothing is known about can still be written about at the length that is asked for. */
function atLength({ talk: { prompt } }: Thought): string | undefined {
  const words = wordsAsked(prompt);
  return words === undefined ? undefined : essay(topicOf(prompt), words);
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
