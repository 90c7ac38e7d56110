import type { Arrow } from './rooms.ts';

/** What everything may use; arrows to these are left out of the picture, for they would be most of it. */
const FOUNDATIONS = ['platform', 'upstream'];
const DOORS = ['functions', 'http'];

const BEGIN = '<!-- picture: made by npm run picture -->';
const END = '<!-- end of picture -->';

/** The rooms and the arrows between them as a Mermaid diagram. */
export function draw(rooms: readonly string[], arrows: readonly Arrow[]): string {
  const others = rooms.filter((room) => !DOORS.includes(room) && !FOUNDATIONS.includes(room));
  const shown = arrows.filter(({ to }) => !FOUNDATIONS.includes(to));
  return [
    'flowchart TB',
    ...box('doors', DOORS),
    ...box('rooms', others),
    ...box('foundations, used by all', [...FOUNDATIONS, 'errors']),
    ...shown.map(({ from, to, typesOnly }) => `  ${from} ${typesOnly ? '-.->' : '-->'} ${to}`),
    '  functions == "handed by services.ts" ==> rooms',
    '  rooms ==> foundations',
  ].join('\n');
}

const box = (title: string, rooms: readonly string[]): string[] => [
  `  subgraph ${title.split(/\W/)[0] ?? ''}["${title}"]`,
  ...rooms.map((room) => `    ${room}`),
  '  end',
];

/**
 * Puts the picture between its two marks.
 * @throws {Error} when the text has no such marks.
 */
export function withPicture(text: string, picture: string): string {
  const [before, rest] = text.split(BEGIN);
  const after = rest?.split(END)[1];
  if (before === undefined || after === undefined) throw new Error(`The text has no '${BEGIN}' and '${END}'.`);
  return `${before}${BEGIN}\n\n\`\`\`mermaid\n${picture}\n\`\`\`\n\n${END}${after}`;
}
