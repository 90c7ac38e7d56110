import type { World } from './world.ts';

/** One line of the app's log: the name of its event, and its fields as text. */
export interface Line {
  event: string;
  fields: Record<string, string>;
}

const LINE = /^host\s+[\d:]{8} (?:warning |ERROR )?([a-z-]+) (.*)$/;
/** Values are shown without quotes, and may hold blanks: one ends where the next name begins. */
const FIELD = /(\w+)=(.*?)(?= \w+=|$)/g;

/** What the app has logged so far, over all host processes of the world. */
export const linesOf = (world: Pick<World, 'errors'>): Line[] =>
  world
    .errors()
    .split('\n')
    .map((text) => LINE.exec(text))
    .filter((match) => match !== null)
    .map(([, event = '', rest = '']) => ({
      event,
      fields: Object.fromEntries([...rest.matchAll(FIELD)].map(([, name = '', value = '']) => [name, value])),
    }));
