/** Draws the rooms of `src` into docs/architecture.md. */
import { readFileSync, writeFileSync } from 'node:fs';
import { draw, withPicture } from './draw.ts';
import { arrowsOf, roomsOf } from './rooms.ts';

const DOCUMENT = 'docs/architecture.md';

writeFileSync(DOCUMENT, withPicture(readFileSync(DOCUMENT, 'utf8'), draw(roomsOf('src'), arrowsOf('src'))));
