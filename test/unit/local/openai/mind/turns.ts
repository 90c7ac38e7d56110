import type { Containers, Item, Outcome, StoredFile, Turn } from '../../../../../local/openai/turn.ts';
import { TurnError } from '../../../../../local/openai/turn.ts';
import { think } from '../../../../../local/openai/mind/think.ts';

/** A conversation with the mind, as the wire side would hold it: every turn adds its input and output to the context. */
export class Talk {
  readonly context: Item[] = [];
  readonly files = new Map<string, StoredFile>();
  readonly containers = new FakeContainers();
  model = 'gpt-4.1';
  imageDeployment = 'gpt-image-1';
  /** Only what was sealed with the same key can be opened. */
  key = 'resource-a';
  private ids = 0;

  /** Sends a request and gives the items of the answer with the outcome. */
  async send(request: Record<string, unknown> | string): Promise<Answer> {
    const turn = this.turn(typeof request === 'string' ? { input: request } : request);
    const items: Item[] = [];
    const thinking = think(turn);
    for (;;) {
      const step = await thinking.next();
      if (step.done) {
        this.context.splice(0, this.context.length, ...turn.context, ...items);
        return new Answer(items, step.value);
      }
      items.push(step.value);
    }
  }

  turn(request: Record<string, unknown>): Turn {
    return {
      request,
      model: this.model,
      context: [...this.context, ...this.itemsOf(request['input'])],
      readFile: (id) => {
        const file = this.files.get(id);
        return file ? Promise.resolve(file) : Promise.reject(new TurnError(400, `No such file: ${id}`));
      },
      containers: this.containers,
      imageDeployment: this.imageDeployment,
      seal: (text) => `${this.key}:${Buffer.from(text).toString('base64url')}`,
      unseal: (sealed) => {
        if (!sealed.startsWith(`${this.key}:`)) {
          throw new TurnError(400, 'The encrypted content could not be verified.', {
            code: 'invalid_encrypted_content',
          });
        }
        return Buffer.from(sealed.slice(this.key.length + 1), 'base64url').toString();
      },
      newId: (prefix) => `${prefix}_${++this.ids}`,
      signal: new AbortController().signal,
    };
  }

  private itemsOf(input: unknown): Item[] {
    if (typeof input === 'string') return [this.item({ role: 'user', content: [{ type: 'input_text', text: input }] })];
    return Array.isArray(input) ? input.map((item: Record<string, unknown>) => this.item(item)) : [];
  }

  private item(given: Record<string, unknown>): Item {
    return { type: 'message', id: `in_${++this.ids}`, ...given };
  }
}

export class Answer {
  readonly items: readonly Item[];
  readonly outcome: Outcome;

  constructor(items: readonly Item[], outcome: Outcome) {
    this.items = items;
    this.outcome = outcome;
  }

  /** All text of the messages. */
  get text(): string {
    return this.parts.map((part) => part['text'] ?? part['refusal']).join('\n');
  }

  get parts(): Record<string, unknown>[] {
    return this.ofType('message').flatMap((item) => item['content'] as Record<string, unknown>[]);
  }

  get types(): string[] {
    return this.items.map((item) => item.type);
  }

  ofType(type: string): Item[] {
    return this.items.filter((item) => item.type === type);
  }
}

/** Containers in memory. */
class FakeContainers implements Containers {
  readonly contents = new Map<string, StoredFile[]>();

  open(container: string | { fileIds: readonly string[] }): Promise<string> {
    if (typeof container === 'string') {
      return this.contents.has(container)
        ? Promise.resolve(container)
        : Promise.reject(new TurnError(404, `Container with id '${container}' not found.`));
    }
    const id = `cntr_${this.contents.size + 1}`;
    this.contents.set(id, []);
    return Promise.resolve(id);
  }

  list(containerId: string): Promise<readonly StoredFile[]> {
    return Promise.resolve(this.contents.get(containerId) ?? []);
  }

  write(containerId: string, filename: string, bytes: Uint8Array): Promise<string> {
    const files = this.contents.get(containerId) ?? [];
    const id = `cfile_${files.length + 1}`;
    this.contents.set(containerId, [...files, { id, filename, purpose: 'container', bytes }]);
    return Promise.resolve(id);
  }
}
