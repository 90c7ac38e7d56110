import { makeKey } from './make-key.ts';

const USAGE = `npm run keys -- <name> ['<AUTH_KEYS so far>']

Makes a key for a caller of that name, and the app setting AUTH_KEYS that lets it in (with AUTH_MODE=keys). The name is the
owner of everything the caller makes. The setting holds hashes only.
To replace a key, add a new one, give it to the caller, and take the old hash out once nobody uses it.
`;

const [name, current] = process.argv.slice(2);
if (name === undefined || name === '--help') {
  process.stderr.write(USAGE);
  process.exitCode = name === undefined ? 2 : 0;
} else if (!/^[A-Za-z0-9][A-Za-z0-9._@-]{0,63}$/.test(name)) {
  process.stderr.write(
    `'${name}' cannot be a caller's name: up to 64 letters, digits, dots, dashes, underscores and @, a letter or digit first.\n`,
  );
  process.exitCode = 2;
} else {
  try {
    const { key, setting } = makeKey(name, current);
    process.stdout.write(
      `Key of ${name} (shown once, kept nowhere):\n  ${key}\n\nApp setting:\n  AUTH_KEYS=${setting}\n`,
    );
  } catch {
    process.stderr.write(`The second argument must be the value of AUTH_KEYS, such as {"web":["<sha256 hex>"]}.\n`);
    process.exitCode = 2;
  }
}
