/** What the world says on the way. Standard output is kept for the one line that scripts wait for, and what to try next. */
export function note(part: string, text: string): void {
  process.stderr.write(`${part.padEnd(8)} ${text}\n`);
}

/** Printed once, when everything answers. */
export function announce(gateway: string): void {
  process.stdout.write(`Ready: ${gateway}\n${tryThis(gateway)}\n`);
}

const tryThis = (gateway: string): string => `
Try this (any key will do, and is who you are):

  curl ${gateway}/openai/v1/responses -H 'api-key: local' -H 'content-type: application/json' \\
    -d '{"model": "gpt-4.1", "input": "Say hello"}'

  import OpenAI from 'openai';
  const client = new OpenAI({ baseURL: '${gateway}/openai/v1', apiKey: 'local' });
  const response = await client.responses.create({ model: 'gpt-4.1', input: 'Say hello' });

  npm run drop -- some.pdf

Ctrl+C stops everything; the state stays.`;
