import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { draw, withPicture } from '../../../tools/picture/draw.ts';
import { arrowsOf, roomsOf } from '../../../tools/picture/rooms.ts';

const document = readFileSync('docs/architecture.md', 'utf8');

describe('docs/architecture.md', () => {
  it('shows the rooms and arrows of the code as it is: npm run picture draws them anew', () => {
    expect(document).toBe(withPicture(document, draw(roomsOf('src'), arrowsOf('src'))));
  });

  it('has a line for every room, and for no other', () => {
    const described = [...document.matchAll(/^\| `src\/(\w+)\/` \|/gm)].map(([, room]) => room);
    expect(described.toSorted()).toEqual(roomsOf('src'));
  });

  it('refers to files that exist', () => {
    const named = [...document.matchAll(/\]\((?!http|#)([^)#]+)/g)].map(([, path]) => path ?? '');
    expect(named.filter((path) => !existsSync(join('docs', path)))).toEqual([]);
  });
});

describe('the picture', () => {
  const folders: string[] = [];
  afterEach(() => folders.splice(0).forEach((folder) => rmSync(folder, { recursive: true })));

  const house = (files: Record<string, string>): string => {
    const folder = mkdtempSync(join(tmpdir(), 'house-'));
    folders.push(folder);
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(join(folder, dirname(name)), { recursive: true });
      writeFileSync(join(folder, name), text);
    }
    return folder;
  };

  it('tells an import of a value from one of types, over several files and lines', () => {
    const source = house({
      'kitchen/cook.ts': "import type { Key } from '../hall/key.ts';\nimport { eat } from '../table/eat.ts';\n",
      'kitchen/wash.ts': "import {\n  type Key,\n  type Door,\n} from '../hall/key.ts';\n",
      'hall/key.ts': "import { wash } from '../kitchen/wash.ts';\nimport fs from 'node:fs';\n",
      'table/eat.ts': "import { Plate } from './plate.ts';\n",
    });
    expect(roomsOf(source)).toEqual(['hall', 'kitchen', 'table']);
    expect(arrowsOf(source)).toEqual([
      { from: 'hall', to: 'kitchen', typesOnly: false },
      { from: 'kitchen', to: 'hall', typesOnly: true },
      { from: 'kitchen', to: 'table', typesOnly: false },
    ]);
  });

  it('needs the marks between which it is put', () => {
    expect(() => withPicture('no marks', 'flowchart')).toThrow('has no');
  });
});
