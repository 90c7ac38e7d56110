import { openDropBox } from '../../support/documents.ts';
import { eventually } from '../../support/eventually.ts';
import type { TestMcpServer } from '../../support/mcp-server.ts';
import { textPdf } from '../../support/pdfs.ts';
import { planStore } from '../../support/records.ts';
import { steer } from '../../support/simulator.ts';
import { orderToken } from '../../support/tokens.ts';
import type { World } from '../../support/world.ts';
import { Canaries } from './canaries.ts';

interface Sent {
  method?: string;
  body?: unknown;
  headers?: Record<string, string>;
  as?: string;
}

const model = 'gpt-4.1';

export const idIn = (text: string): string => /resp_[0-9a-f]{48}/.exec(text)?.[0] ?? '';

/** A caller's busy day: everything that people put into a request holds a canary, and much goes wrong. */
export class BusyDay {
  /** What callers say: theirs, and for the stores only. */
  readonly content = new Canaries();
  /** What the service, or the gateway, tells the caller again in an error: for that caller only. */
  readonly quoted = new Canaries();
  /** What opens other doors: for nobody to keep. */
  readonly secrets = new Canaries();
  /** Bodies of all refusals and failures. */
  readonly errors: string[] = [];
  readonly #world: World;
  readonly #mcp: TestMcpServer;
  readonly #token: string;
  /** Background responses that were begun. */
  readonly #begun: string[] = [];

  constructor(world: World, mcp: TestMcpServer, token: string) {
    this.#world = world;
    this.#mcp = mcp;
    this.#token = this.secrets.watch('token', token);
  }

  /** All of it at once; resolves when everything that was begun has ended. */
  async live(): Promise<void> {
    await Promise.all([
      this.#answers(),
      this.#conversations(),
      this.#uploads(),
      this.#runs(),
      this.#refusals(),
      this.#echoes(),
      this.#troubles(),
      this.#documents(),
    ]);
    await Promise.all(this.#begun.map((id) => this.#ended(id)));
  }

  async send(path: string, { method = 'POST', body, headers, as = this.#token }: Sent = {}): Promise<string> {
    const raw = typeof body === 'string' || body instanceof FormData || body === undefined;
    const answer = await fetch(`${this.#world.endpoints.gateway}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${as}`,
        ...(body instanceof FormData ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      body: raw ? body : JSON.stringify(body),
    });
    const text = await answer.text();
    if (!answer.ok) this.errors.push(text);
    return text;
  }

  #create(body: Record<string, unknown>, headers?: Record<string, string>): Promise<string> {
    return this.send('/openai/v1/responses', { body: { model, ...body }, headers });
  }

  async #begin(body: Record<string, unknown>, headers?: Record<string, string>): Promise<string> {
    const id = idIn(await this.#create(body, headers));
    if (id !== '') this.#begun.push(id);
    return id;
  }

  /** Waits for the end of a background response. */
  #ended(id: string): Promise<true> {
    return eventually(`the end of ${id}`, async () => {
      const text = await this.send(`/openai/v1/responses/${id}`, { method: 'GET' });
      return /"status":"(completed|failed|incomplete|cancelled)"/.test(text) ? true : undefined;
    });
  }

  #mcpTool(what: string, url = this.#mcp.url): Record<string, unknown> {
    const { secrets } = this;
    return {
      type: 'mcp',
      server_label: 'docs',
      server_url: `${url}?code=${secrets.plant(`${what}: server_url`)}#${secrets.plant(`${what}: fragment`)}`,
      authorization: secrets.plant(`${what}: authorization`),
      headers: { 'x-api-key': secrets.plant(`${what}: header`) },
      require_approval: 'never',
    };
  }

  /** Everything that can be said in a create. */
  async #answers(): Promise<void> {
    const { content, secrets } = this;
    const said = {
      input: `Say hello to ${content.plant('prompt')}`,
      instructions: content.plant('instructions'),
      metadata: { note: content.plant('metadata') },
      user: content.plant('user'),
      safety_identifier: content.plant('safety identifier'),
      prompt_cache_key: content.plant('cache key'),
      x_new: { field: content.plant('unknown field') },
      tools: [{ type: 'function', name: 'f', description: content.plant('function'), parameters: {} }],
    };
    await this.#create(said);
    await this.#create({ ...said, stream: true });
    await this.#create({ ...said, store: false });
    await this.#create(said, { 'idempotency-key': secrets.plant('idempotency key') });
    await this.#create(said, { cookie: secrets.plant('cookie'), 'x-functions-key': secrets.plant('host key') });
    await this.#create({ input: content.plant('large prompt').repeat(4_000) });
    await this.#create({
      input: `Generate an image of ${content.plant('image prompt')}`,
      tools: [{ type: 'image_generation' }],
      stream: true,
    });
    const search = 'Search the docs for transports.';
    await this.#create({ input: search, tools: [this.#mcpTool('plain')] });
    await this.#create({ input: search, tools: [this.#mcpTool('stream')], stream: true });
    const group = (what: string) => ({
      type: 'namespace',
      name: 'n',
      description: 'Docs.',
      tools: [this.#mcpTool(what)],
    });
    const brought = { type: 'additional_tools', role: 'developer', tools: [group('brought in a group')] };
    await this.#create({ input: search, tools: [group('in a group')] });
    await this.#create({ input: [brought, { role: 'user', content: search }], stream: true });
    const found = { ...this.#mcpTool('searched for'), server_description: search, defer_loading: true };
    await this.#begin({
      model: 'gpt-5.4',
      input: search,
      tools: [found, { type: 'tool_search' }],
      background: true,
      stream: true,
    });
    const policy = {
      type: 'allowlist',
      allowed_domains: ['a.example'],
      domain_secrets: [{ domain: 'a.example', name: 'K', value: secrets.plant('secret of a container') }],
    };
    const container = { type: 'auto', network_policy: policy };
    await this.#create({ input: 'Say hello', tools: [{ type: 'code_interpreter', container }] });
    await this.#create({ input: search, tools: [this.#mcpTool('broken', this.#mcp.url.replace('/mcp', '/nowhere'))] });
    await this.#create({ input: search, tools: [this.#mcpTool('unreachable', 'http://127.0.0.1:9/')], stream: true });
  }

  async #conversations(): Promise<void> {
    const { content } = this;
    const first = idIn(await this.#create({ input: content.plant('first turn') }));
    await this.#create({ input: content.plant('second turn'), previous_response_id: first });
    await this.send('/openai/v1/responses/compact', { body: { model, input: content.plant('compacted') } });
    await this.send('/openai/v1/responses/input_tokens', { body: { model, input: content.plant('counted') } });
    const call = { type: 'function_call', call_id: 'call_1', name: 'f', arguments: `"${content.plant('arguments')}"` };
    const output = { type: 'function_call_output', call_id: 'call_1', output: content.plant('tool output') };
    await this.#create({ input: [call, output] });
    await this.#create({
      input: `Use python to print '${content.plant('code')}'.`,
      tools: [{ type: 'code_interpreter', container: { type: 'auto' } }],
    });
    await this.send(`/openai/v1/responses/${first}`, { method: 'DELETE' });
  }

  async #uploads(): Promise<void> {
    const { content } = this;
    const form = new FormData();
    form.set('purpose', 'assistants');
    form.set('file', new File([await textPdf([content.plant('uploaded text')])], `${content.plant('file name')}.pdf`));
    const file = /assistant-[\w-]+/.exec(await this.send('/openai/v1/files', { body: form }))?.[0];
    const named = { name: content.plant('container name'), file_ids: [file] };
    const container = /cntr_\w+/.exec(await this.send('/openai/v1/containers', { body: named }))?.[0] ?? '';
    const inside = new FormData();
    inside.set('file', new File([content.plant('text in a container')], `${content.plant('name in a container')}.txt`));
    await this.send(`/openai/v1/containers/${container}/files`, { body: inside });
    const wrong = new FormData();
    wrong.set(content.plant('field name'), content.plant('field value'));
    await this.send('/openai/v1/files', { body: wrong });
  }

  async #runs(): Promise<void> {
    const { content, secrets } = this;
    const tools = [this.#mcpTool('background')];
    await this.#begin({ input: `Search ${content.plant('background')}`, background: true, tools });
    const streamed = { input: `Search ${content.plant('streamed run')}`, background: true, stream: true };
    await this.#begin({ ...streamed, tools: [this.#mcpTool('streamed run')] });
    const id = await this.#begin({ input: content.plant('job') }, { prefer: 'respond-async' });
    await this.send(`/jobs/${id}?token=${secrets.plant('wrong link')}`, { method: 'GET', as: 'nobody' });
  }

  /** What callers get wrong. */
  async #refusals(): Promise<void> {
    const { content, secrets } = this;
    for (const flaw of ['expired', 'wrong-audience', 'alg-none', 'no-role', 'unknown-key']) {
      const broken = await orderToken(this.#world.endpoints.identity, { caller: 'alice', flaw });
      await this.send('/openai/v1/responses', { method: 'GET', as: secrets.watch(`token: ${flaw}`, broken) });
    }
    await this.send('/openai/v1/responses', { method: 'GET', as: secrets.plant('no token') });
    await this.send(`/openai/v1/responses?api-key=${secrets.plant('key in the query')}`, {
      method: 'GET',
      as: 'nobody',
    });
    await this.send('/openai/v1/responses', { body: `{"input": "${content.plant('broken JSON')}` });
    await this.send('/openai/v1/responses', { body: `"${content.plant('no object')}"` });
    await this.#create({ input: { wrong: content.plant('wrong type') } });
    await this.#create({ input: 'Hi', temperature: content.plant('wrong number') });
    await this.#create({ input: 'Hi', store: content.plant('wrong flag'), stream: true });
    await this.#create({ input: 'Hi', metadata: { note: content.plant('long metadata').repeat(30) } });
    await this.#create({ input: 'Hi', background: true, store: false, instructions: content.plant('combination') });
    await this.send('/openai/v1/files', {
      body: `--x\r\n${content.plant('broken form')}`,
      headers: { 'content-type': 'multipart/form-data; boundary=x' },
    });
    await this.send(`/openai/v1/responses?after=${content.plant('cursor')}`, { method: 'GET' });
  }

  /** Ids and addresses that nobody has are named in the refusal, for whoever sent them. */
  async #echoes(): Promise<void> {
    const { quoted } = this;
    await this.send(`/openai/v1/responses/${quoted.plant('unknown response')}`, { method: 'GET' });
    await this.send(`/openai/v1/files/${quoted.plant('unknown file')}`, { method: 'DELETE' });
    await this.send(`/openai/v1/${quoted.plant('unknown address')}`, { method: 'GET' });
    await this.#create({ input: 'Hi', previous_response_id: quoted.plant('unknown parent') });
    await this.#create({ input: [{ type: 'item_reference', id: quoted.plant('unknown item') }] });
  }

  /** What goes wrong behind the gateway. */
  async #troubles(): Promise<void> {
    const { content, quoted } = this;
    const fail = async (
      what: string,
      fault: Record<string, unknown>,
      extra: Record<string, unknown> = {},
    ): Promise<void> => {
      const prompt = content.plant(what);
      await steer(this.#world.endpoints, prompt).plan('create', fault, { times: 'always' });
      const body = { input: prompt, tools: [this.#mcpTool(what)], ...extra };
      await (extra.background === true ? this.#begin(body) : this.#create(body));
    };
    const error = { message: content.plant('message of the service') };
    await fail('service fails', { kind: 'status', status: 500, error });
    await fail('service is no JSON', { kind: 'status', status: 502, text: content.plant('text of a proxy') });
    await fail('reset', { kind: 'reset' });
    await fail('cut stream', { kind: 'cut', afterEvents: 3 }, { stream: true });
    await fail('stream error', { kind: 'stream_error', message: quoted.plant('error in a stream') }, { stream: true });
    // Azure repeats what it does not like.
    const words = (what: string) => ({
      message: `Invalid value: '${quoted.plant(what)}'.`,
      type: 'invalid_request_error',
    });
    const status = 400;
    await fail('refusal', { kind: 'status', status, error: words('refusal') });
    await fail('refused stream', { kind: 'status', status, error: words('refused stream') }, { stream: true });
    await fail('refused run', { kind: 'status', status, error: words('refused run') }, { background: true });
    const message = quoted.plant('failed run');
    await fail('failed run', { kind: 'fail', message }, { background: true, tools: [] });
    await fail('cut run', { kind: 'cut', afterEvents: 3 }, { background: true, stream: true, tools: [] });
    const lost = content.plant('store fails');
    const fault = { operation: '*', container: 'chains', status: 400, times: 20, contains: lost };
    await planStore(this.#world.endpoints, fault);
    await this.#create({ input: lost, tools: [this.#mcpTool('store fails')] });
    await this.#create({ input: lost, background: true });
  }

  async #documents(): Promise<void> {
    const { content } = this;
    const box = await openDropBox(this.#world.endpoints);
    const good = await textPdf([`The secret is ${content.plant('document')}.`]);
    const etag = await box.drop('good.pdf', good, { prompt: `Say it: ${content.plant('prompt of a document')}` });
    const bad = await box.drop('bad.pdf', `%PDF-1.4 ${content.plant('broken document')}`);
    await Promise.all([box.analysisOf('good.pdf', etag), box.errorOf('bad.pdf', bad)]);
  }
}
