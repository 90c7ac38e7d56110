import { randomUUID } from 'node:crypto';
import type OpenAI from 'openai';
import { toFile } from 'openai';
import { textPdf } from './pdfs.ts';
import { pngOf } from './pictures.ts';
import type { RawAnswer, RawCaller } from './raw.ts';

const MODEL = 'gpt-4.1';

type Body = Record<string, unknown>;
type Output = NonNullable<RawAnswer['body']['output']>;
/** Who makes turns, and the MCP server that they may name. */
export interface TurnMaker {
  caller: RawCaller;
  /** The same caller with the SDK. */
  client: OpenAI;
  mcpUrl: string;
}

/** The body of a turn, made from what the turn before it has put out. */
type MakeTurn = (before: Output, maker: TurnMaker) => Body | Promise<Body>;

export interface Kind {
  name: string;
  /** Between an opening and a closing turn of plain text. */
  turns: readonly MakeTurn[];
  /** Types that the service is told between the opening and the closing turn, in order. */
  told: readonly string[];
  /** A compaction stands for everything before it. */
  from?: 'compaction';
}

const said = (text: string): Body => ({ role: 'user', content: text });
const callIn = (output: Output, type: string): Output[number] => {
  const call = output.find((item) => item.type === type);
  if (call === undefined) throw new Error(`No ${type} among ${output.map((item) => item.type).join()}`);
  return call;
};
const weather = { type: 'function', name: 'get_weather', parameters: { type: 'object', properties: {} } };
const custom = { type: 'custom', name: 'run_query', description: 'Run a query' };
const computer = { type: 'computer_use_preview', display_width: 640, display_height: 480, environment: 'browser' };
const driving = { model: 'computer-use-preview', tools: [computer], truncation: 'auto' };

async function upload(client: OpenAI, content: Uint8Array, name: string, purpose: 'vision' | 'assistants') {
  const file = await toFile(content, name, { type: name.endsWith('.pdf') ? 'application/pdf' : 'image/png' });
  return (await client.files.create({ file, purpose })).id;
}

const docs = ({ mcpUrl }: TurnMaker, approval: 'always' | 'never'): Body => ({
  type: 'mcp',
  server_label: 'repository',
  server_url: mcpUrl,
  require_approval: approval,
});

/** Items that the simulator does not make, as a caller who keeps them sends them; `n` makes their ids differ from the last ones. */
const fromCallers = (n = randomUUID()): Body[] => [
  { type: 'file_search_call', id: `fs_${n}`, status: 'completed', queries: ['ferry'], results: null },
  {
    type: 'local_shell_call',
    id: `lsh_${n}`,
    call_id: `call_1_${n}`,
    status: 'completed',
    action: { type: 'exec', command: [] },
  },
  { type: 'local_shell_call_output', id: `lsho_${n}`, call_id: `call_1_${n}`, output: 'done' },
  { type: 'shell_call', call_id: `call_2_${n}`, action: { commands: ['ls'] } },
  {
    type: 'shell_call_output',
    call_id: `call_2_${n}`,
    output: [{ stdout: '', stderr: '', outcome: { type: 'exit', exit_code: 0 } }],
  },
  {
    type: 'apply_patch_call',
    call_id: `call_3_${n}`,
    status: 'completed',
    operation: { type: 'delete_file', path: 'a' },
  },
  { type: 'apply_patch_call_output', call_id: `call_3_${n}`, status: 'completed' },
  { type: 'tool_search_call', call_id: `call_4_${n}`, arguments: {} },
  { type: 'tool_search_output', call_id: `call_4_${n}`, tools: [weather] },
  { type: 'additional_tools', role: 'developer', tools: [weather] },
  {
    type: 'configuration_update',
    text: { format: { type: 'json_schema', name: 'f', schema: { default: { file_id: 'a' } } } },
  },
  { type: 'program', id: `pr_${n}`, call_id: `call_5_${n}`, code: 'x', fingerprint: 'y' },
  { type: 'program_output', id: `pro_${n}`, call_id: `call_5_${n}`, result: 'z', status: 'completed' },
];

export const KINDS: readonly Kind[] = [
  {
    name: 'messages of every role, with files and images',
    turns: [
      async (_, { client }) => ({
        input: [
          { role: 'system', content: 'Be kind.' },
          { role: 'developer', content: [{ type: 'input_text', text: 'Be brief.' }] },
          { role: 'assistant', content: [{ type: 'output_text', text: 'How can I help?', annotations: [] }] },
          {
            role: 'user',
            content: [
              {
                type: 'input_file',
                file_id: await upload(client, await textPdf(['Ferry']), 'a.pdf', 'assistants'),
              },
              { type: 'input_image', file_id: await upload(client, pngOf(8, 8, [9, 9, 9]), 'a.png', 'vision') },
              { type: 'input_text', text: 'Keep this.' },
            ],
          },
        ],
      }),
    ],
    told: ['message', 'message', 'message', 'message', 'message'],
  },
  { name: 'a refusal', turns: [() => ({ input: 'Refuse to answer.' })], told: ['message', 'message'] },
  {
    name: 'sealed reasoning',
    turns: [() => ({ model: 'gpt-5-mini', input: 'Say hello', include: ['reasoning.encrypted_content'] })],
    told: ['message', 'reasoning', 'message'],
  },
  {
    name: 'reasoning without its seal, which is a mere name',
    turns: [() => ({ model: 'gpt-5-mini', input: 'Say hello' })],
    told: ['message', 'message'],
  },
  {
    name: 'a function call and its output',
    turns: [
      () => ({ input: 'What is the weather?', tools: [weather], tool_choice: 'required' }),
      (before) => ({
        input: [{ type: 'function_call_output', call_id: callIn(before, 'function_call').call_id, output: '21 C' }],
      }),
    ],
    told: ['message', 'function_call', 'function_call_output', 'message'],
  },
  {
    name: 'a custom call and its output',
    turns: [
      () => ({ input: 'Run a query for me', tools: [custom], tool_choice: 'required' }),
      (before) => ({
        input: [{ type: 'custom_tool_call_output', call_id: callIn(before, 'custom_tool_call').call_id, output: '7' }],
      }),
    ],
    told: ['message', 'custom_tool_call', 'custom_tool_call_output', 'message'],
  },
  {
    name: 'a computer and its screen',
    turns: [
      () => ({ ...driving, input: 'Take a screenshot.' }),
      async (before, { client }) => ({
        input: [
          {
            type: 'computer_call_output',
            call_id: callIn(before, 'computer_call').call_id,
            output: {
              type: 'computer_screenshot',
              file_id: await upload(client, pngOf(64, 48, [0, 0, 200]), 'screen.png', 'vision'),
            },
          },
        ],
      }),
    ],
    told: ['message', 'computer_call', 'computer_call_output', 'message'],
  },
  {
    name: 'a code interpreter',
    turns: [() => ({ input: 'Compute 12 * 12', tools: [{ type: 'code_interpreter', container: { type: 'auto' } }] })],
    told: ['message', 'code_interpreter_call', 'message'],
  },
  {
    name: 'an image, as data',
    turns: [() => ({ input: 'Draw a red square', tools: [{ type: 'image_generation' }] })],
    told: ['message', 'message', 'message'],
  },
  {
    name: 'an MCP server, listed and called',
    turns: [(_, maker) => ({ input: 'Search the docs for install', tools: [docs(maker, 'never')] })],
    told: ['message', 'mcp_list_tools', 'mcp_call', 'message'],
  },
  {
    name: 'an MCP call that had to be approved',
    turns: [
      (_, maker) => ({ input: 'Search the docs for install', tools: [docs(maker, 'always')] }),
      (before, maker) => ({
        input: [
          {
            type: 'mcp_approval_response',
            approval_request_id: callIn(before, 'mcp_approval_request').id,
            approve: true,
          },
        ],
        tools: [docs(maker, 'always')],
      }),
    ],
    told: ['message', 'mcp_list_tools', 'mcp_approval_request', 'mcp_approval_response', 'mcp_call', 'message'],
  },
  {
    name: 'a web search',
    turns: [() => ({ input: 'Search the web for otters', tools: [{ type: 'web_search_preview' }] })],
    told: ['message', 'web_search_call', 'message'],
  },
  {
    name: 'a compaction that the service made by itself',
    turns: [
      () => ({
        input: `Keep this: ${'word '.repeat(1_200)}`,
        context_management: [{ type: 'compaction', compact_threshold: 1_000 }],
      }),
    ],
    told: ['compaction', 'message'],
    from: 'compaction',
  },
  {
    name: 'a compaction that was asked for by an item',
    turns: [() => ({ input: [said('Say hello'), { type: 'compaction_trigger' }] })],
    told: ['compaction'],
    from: 'compaction',
  },
  {
    name: 'a compacted window that a caller put together',
    turns: [
      async (_, { caller }) => {
        const { body } = await caller.call('POST', '/responses/compact', {
          model: MODEL,
          input: 'The code word is heron.',
        });
        return { input: [...(body.output ?? []), said('My name is Ada.')] };
      },
    ],
    told: ['message', 'compaction', 'message', 'message'],
  },
  {
    name: 'an item that was referred to',
    turns: [
      async (_, { caller }) => {
        const { body } = await caller.call('POST', '/responses', { model: MODEL, input: 'Say hello' });
        return { input: [{ type: 'item_reference', id: body.output?.[0]?.id }, said('Go on')] };
      },
    ],
    told: ['message', 'message', 'message'],
  },
  {
    name: 'items of every other type',
    turns: [() => ({ input: [...fromCallers(), said('Say hello')] })],
    told: [...fromCallers().map(({ type }) => String(type)), 'message', 'message'],
  },
];

/** Every type of item that the API describes. */
export const ALL_TYPES = (
  'message file_search_call function_call function_call_output web_search_call computer_call computer_call_output reasoning ' +
  'configuration_update program program_output tool_search_call tool_search_output additional_tools compaction image_generation_call ' +
  'code_interpreter_call local_shell_call local_shell_call_output shell_call shell_call_output apply_patch_call ' +
  'apply_patch_call_output mcp_call mcp_list_tools mcp_approval_request mcp_approval_response custom_tool_call ' +
  'custom_tool_call_output item_reference compaction_trigger'
).split(' ');

/** The answer to a turn of a chain. */
export async function turnOf(caller: RawCaller, body: Body, previous?: RawAnswer): Promise<RawAnswer> {
  const previous_response_id = previous?.body.id;
  const answer = await caller.call('POST', '/responses', { model: MODEL, ...body, previous_response_id });
  if (answer.status !== 200) throw new Error(JSON.stringify(answer.body));
  return answer;
}

/** Continues a chain with the turns of a kind; all answers, oldest first. */
export async function turnsOf(kind: Kind, maker: TurnMaker, root: RawAnswer): Promise<RawAnswer[]> {
  const made: RawAnswer[] = [];
  for (const make of kind.turns) {
    const before = made.at(-1) ?? root;
    made.push(await turnOf(maker.caller, await make(before.body.output ?? [], maker), before));
  }
  return made;
}
