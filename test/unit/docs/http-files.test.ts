import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { Description } from '../../support/answers/description.ts';

const says = new Description();
const files = readdirSync('docs').filter((name) => name.endsWith('.http'));

interface HttpRequest {
  method: string;
  path: string;
  body: string;
}

/** Requests of a file: `###`, comments, a request line, headers, an empty line, the body. Variables become `x`. */
const requestsOf = (file: string): HttpRequest[] =>
  readFileSync(`docs/${file}`, 'utf8')
    .split(/^###.*$/m)
    .slice(1)
    .map((part) => {
      const [head = '', ...rest] = part.replace(/^(#.*|\s*)\n/gm, '').split('\n');
      const [method = '', address = ''] = head.split(' ');
      const body = rest.join('\n').replace(/^[\s\S]*?(?=^\s*\{)/m, '');
      const path =
        address
          .replace('{{gateway}}', '')
          .replace(/\{\{[^}]*\}\}/g, 'x')
          .split('?')[0] ?? '';
      return { method, path, body: body.trimStart().startsWith('{') ? body.replace(/\{\{[^}]*\}\}/g, 'x') : '' };
    });

describe.each(files)('docs/%s', (file) => {
  const requests = requestsOf(file);

  it('asks only for what docs/openapi.yaml describes, with bodies that it allows', () => {
    expect(requests.length).toBeGreaterThan(5);
    expect(requests.some(({ body }) => body !== '')).toBe(true);
    for (const { method, path, body } of requests) {
      const operation = says.find(method, path);
      expect({ method, path, id: operation?.id }).toEqual({ method, path, id: expect.any(String) });
      if (operation === undefined || body === '') continue;
      expect({ path, faults: says.faultsOfRequest(operation, JSON.parse(body)) }).toEqual({ path, faults: [] });
    }
  });

  it('names no variable that it does not define', () => {
    const text = readFileSync(`docs/${file}`, 'utf8');
    const used = [...text.matchAll(/\{\{(\w+)/g)].map(([, name]) => name);
    const defined = [...text.matchAll(/^(?:@(\w+) =|# @name (\w+))/gm)].map(([, one, other]) => one ?? other);
    expect(used.filter((name) => !defined.includes(name))).toEqual([]);
  });
});
