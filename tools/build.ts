/** `npm run build`: the bundle, in `dist`. `npm ci` runs it, so that the first start has nothing to build. */
import { cp, rm } from 'node:fs/promises';
import { cachedBundle } from './bundle-cache.ts';

const DIST = 'dist';

const bundle = await cachedBundle({ logLevel: 'warning' }).catch(() => undefined);
// What is wrong has been printed, with file and line.
if (bundle === undefined) process.exit(1);
await rm(DIST, { recursive: true, force: true });
await cp(bundle, DIST, { recursive: true });
