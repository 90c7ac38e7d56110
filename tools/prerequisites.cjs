/**
 * Loaded (`node -r`) before every entry point of the local world. Plain JavaScript on purpose:
 * an old Node cannot even read our TypeScript, and would say so in a way that helps nobody.
 */
'use strict';
const { existsSync } = require('node:fs');
const { join } = require('node:path');

// 22.19: runs TypeScript without a flag (22.18) and trusts a certificate at run time (22.19).
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);

function stop(sentence) {
  process.stderr.write(`${sentence}\n`);
  process.exit(1);
}

if (major < 22 || (major === 22 && minor < 19)) {
  stop(`Node ${process.versions.node} is too old: 22.19 or newer is needed (on Linux x64, npm ci brings it along).`);
}
if (!existsSync(join(__dirname, '..', 'node_modules', 'esbuild'))) {
  stop('The packages are not installed: run npm ci first.');
}
