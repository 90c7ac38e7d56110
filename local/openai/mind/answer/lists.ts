import { numberFrom } from '../words.ts';

/** A few things of each kind, for "list three colours". */
const MEMBERS: Readonly<Record<string, readonly string[]>> = {
  color: ['red', 'green', 'blue', 'yellow', 'orange', 'purple', 'brown', 'pink', 'black', 'white'],
  fruit: ['apple', 'banana', 'cherry', 'grape', 'lemon', 'mango', 'orange', 'peach', 'pear', 'plum'],
  animal: ['ant', 'bear', 'cat', 'dog', 'eagle', 'fox', 'goat', 'horse', 'otter', 'whale'],
  country: ['Australia', 'Brazil', 'Canada', 'France', 'Germany', 'Italy', 'Japan', 'Norway', 'Poland', 'Spain'],
  city: ['Berlin', 'Lagos', 'Lima', 'London', 'Madrid', 'Oslo', 'Paris', 'Rome', 'Tokyo', 'Vienna'],
  planet: ['Mercury', 'Venus', 'Earth', 'Mars', 'Jupiter', 'Saturn', 'Uranus', 'Neptune'],
  name: ['Ada', 'Alan', 'Barbara', 'Dennis', 'Edsger', 'Grace', 'Hedy', 'Ken', 'Margaret', 'Tim'],
};

/** "List three colors": a numbered list of what the simulator knows of that kind. */
export function listAsked(sentence: string): string | undefined {
  const match = /\b(?:list|name|give me|tell me)\s+(?:me\s+)?(\d+|\p{L}+)\s+(?:\p{L}+\s+)?(\p{L}+)\b/iu.exec(sentence);
  const count = numberFrom(match?.[1] ?? '');
  const kind = match?.[2]
    ?.toLowerCase()
    .replace(/colour/, 'color')
    .replace(/ies$/, 'y')
    .replace(/s$/, '');
  const members = kind === undefined ? undefined : MEMBERS[kind];
  if (count === undefined || !members) return undefined;
  return members
    .slice(0, count)
    .map((member, index) => `${index + 1}. ${member}`)
    .join('\n');
}
