import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { parse } from 'yaml';
import { z } from 'zod';

const reference = z.looseObject({ $ref: z.string() });
const response = z.looseObject({ content: z.record(z.string(), z.unknown()).optional() });
const parameter = z.looseObject({ name: z.string(), in: z.string() });
const operation = z.looseObject({
  operationId: z.string(),
  summary: z.string(),
  tags: z.array(z.string()),
  parameters: z.array(z.unknown()).default([]),
  requestBody: z.looseObject({ content: z.record(z.string(), z.unknown()) }).optional(),
  responses: z.record(z.string(), z.unknown()),
});
const METHODS = ['get', 'post', 'put', 'patch', 'delete'] as const;
const pathItem = z.looseObject({ parameters: z.array(z.unknown()).default([]) });
const description = z.looseObject({ openapi: z.string(), paths: z.record(z.string(), pathItem) });

export interface Operation {
  id: string;
  method: string;
  path: string;
  /** Names of path parameters. */
  parameters: string[];
  responses: string[];
}

/** docs/openapi.yaml, and what it says of traffic. */
export class Description {
  readonly document: unknown;
  readonly operations: Operation[] = [];
  readonly #ajv = new Ajv2020({ strict: false, allErrors: true, formats: { binary: true } });
  readonly #pointers = new Map<Operation, string>();

  constructor(file = 'docs/openapi.yaml') {
    const parsed: unknown = parse(readFileSync(file, 'utf8'));
    this.document = parsed;
    this.#ajv.addSchema(z.looseObject({}).parse(parsed), ROOT);
    for (const [path, item] of Object.entries(description.parse(parsed).paths)) {
      for (const method of METHODS.filter((name) => item[name] !== undefined)) {
        const { operationId, parameters, responses } = operation.parse(item[method]);
        const inPath = [...item.parameters, ...parameters]
          .map((each) => parameter.parse(this.at(this.#follow(each))))
          .filter((each) => each.in === 'path');
        const entry = {
          id: operationId,
          method: method.toUpperCase(),
          path,
          parameters: inPath.map(({ name }) => name),
          responses: Object.keys(responses),
        };
        this.operations.push(entry);
        this.#pointers.set(entry, `#/paths/${escape(path)}/${method}`);
      }
    }
  }

  /** The operation that answers an address; one without parameters goes before one with them. */
  find(method: string, pathname: string): Operation | undefined {
    const fitting = this.operations.filter(
      (entry) => entry.method === method && new RegExp(`^${entry.path.replace(/\{\w+\}/g, '[^/]+')}$`).test(pathname),
    );
    return fitting.toSorted((left, right) => left.parameters.length - right.parameters.length)[0];
  }

  /** The schema of what is sent as JSON; undefined where nothing is. */
  requestOf(of: Operation): unknown {
    return this.at(`${this.#pointerOf(of)}/requestBody/content/application~1json/schema`);
  }

  /** What is wrong with a body that was sent as JSON. */
  faultsOfRequest(of: Operation, body: unknown): string[] {
    return this.#faults(`${this.#pointerOf(of)}/requestBody/content/application~1json/schema`, body);
  }

  /** What is wrong with an answer, by its status, type and body. */
  faultsOfAnswer(of: Operation, { status, type, body }: { status: number; type: string; body: string }): string[] {
    const answer = this.#answer(of, status);
    if (answer === undefined) return [`the status ${status} is not described`];
    const { content, pointer } = answer;
    if ('*/*' in content || (Object.keys(content).length === 0 && body === '')) return [];
    if (!(type in content)) return [`the type '${type}' is not described`];
    return this.#faults(`${pointer}/content/${escape(type)}/schema`, parseJson(body));
  }

  /** What is wrong with the data of an event of a stream. */
  faultsOfEvent(of: Operation, event: unknown): string[] {
    const pointer = this.#answer(of, 200)?.pointer ?? '';
    return this.#faults(`${pointer}/content/${escape('text/event-stream')}/schema`, event);
  }

  /** What is wrong with a call of the webhook. */
  faultsOfWebhook(headers: Readonly<Record<string, string>>, body: string): string[] {
    const { parameters } = operation.parse(this.at(WEBHOOK));
    const inHead = parameters.flatMap((each, index) => {
      const { name } = parameter.parse(each);
      return this.#faults(`${WEBHOOK}/parameters/${index}/schema`, headers[name]).map((fault) => `${name}${fault}`);
    });
    const inBody = this.#faults(`${WEBHOOK}/requestBody/content/application~1json/schema`, parseJson(body));
    return [...inHead, ...inBody];
  }

  /** Whether the answer may be anything, so that there is nothing to read in it. */
  givesBytes(of: Operation, status: number): boolean {
    return '*/*' in (this.#answer(of, status)?.content ?? {});
  }

  #answer(of: Operation, status: number): { pointer: string; content: Record<string, unknown> } | undefined {
    const code = of.responses.includes(String(status)) ? String(status) : 'default';
    if (!of.responses.includes(code)) return undefined;
    const pointer = this.#followed(`${this.#pointerOf(of)}/responses/${code}`);
    return { pointer, content: response.parse(this.at(pointer)).content ?? {} };
  }

  /** The value at a pointer such as `#/components/schemas/File`; undefined when there is none. */
  at(value: unknown): unknown {
    if (typeof value !== 'string') return value;
    let here: unknown = this.document;
    for (const name of value.slice(2).split('/')) here = z.looseObject({}).safeParse(here).data?.[unescape(name)];
    return here;
  }

  #followed(pointer: string): string {
    const target = reference.safeParse(this.at(pointer));
    return target.success ? target.data.$ref : pointer;
  }

  #follow(value: unknown): unknown {
    const target = reference.safeParse(value);
    return target.success ? target.data.$ref : value;
  }

  #pointerOf(of: Operation): string {
    return this.#pointers.get(of) ?? '';
  }

  #faults(pointer: string, value: unknown): string[] {
    const validate = this.#ajv.getSchema(`${ROOT}${pointer}`);
    if (validate === undefined) return [`${pointer} is no schema`];
    if (validate(value) === true) return [];
    return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message ?? ''}`);
  }
}

const WEBHOOK = '#/webhooks/responseEnded/post';
const ROOT = 'openapi.json';
const escape = (name: string): string => encodeURIComponent(name.replaceAll('~', '~0').replaceAll('/', '~1'));
const unescape = (name: string): string => decodeURIComponent(name).replaceAll('~1', '/').replaceAll('~0', '~');

/** A value, or undefined, which fits no schema. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // What is no JSON is for the schema to refuse.
    return undefined;
  }
}

/** `fetch` that also holds every request against the description, and remembers what it has seen as `operation status`. */
export function describedFetch(says: Description): { fetch: typeof fetch; seen: Set<string> } {
  const seen = new Set<string>();
  const described: typeof fetch = async (input, init) => {
    const answer = await fetch(input, init);
    const { pathname } = new URL(input instanceof Request ? input.url : input);
    const method = init?.method?.toUpperCase() ?? 'GET';
    const of = says.find(method, pathname);
    if (of === undefined) throw new Error(`${method} ${pathname} is not described`);
    seen.add(`${of.id} ${answer.status}`);
    const sent = answer.ok && typeof init?.body === 'string' ? says.faultsOfRequest(of, JSON.parse(init.body)) : [];
    if (sent.length > 0) throw new Error([`${method} ${pathname}`, ...sent].join('\n'));
    return answer;
  };
  return { fetch: described, seen };
}
