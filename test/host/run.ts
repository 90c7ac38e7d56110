/**
 * `npm run test:host`: the host suite against the embedded host; with `-- --func` against Core Tools, where the command
 * `func` is installed. Other arguments (files, a name after `-t`) go to vitest.
 */
import { spawn, spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const { argv, execPath } = process;
const onFunc = argv.includes('--func');
const rest = argv.slice(2).filter((argument) => argument !== '--func');

if (onFunc && spawnSync('func', ['--version']).error) {
  process.stderr.write(
    'The command "func" is not there: install Azure Functions Core Tools 4 (npm install -g azure-functions-core-tools@4).\n',
  );
  process.exit(1);
}

const vitest = join(createRequire(import.meta.url).resolve('vitest/package.json'), '..', 'vitest.mjs');
const files = rest.length > 0 ? rest : ['test/host/'];
const child = spawn(execPath, [vitest, 'run', '--project', 'own', ...files], {
  stdio: 'inherit',
  env: { ...process.env, HOST_UNDER_TEST: onFunc ? 'func' : 'embedded' },
});
child.once('exit', (code) => process.exit(code ?? 1));
