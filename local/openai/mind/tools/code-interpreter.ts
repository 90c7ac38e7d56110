import { TurnError, type StoredFile, type Turn } from '../../turn.ts';
import { programFor, type MountedFile, type Program } from '../code/program.ts';
import { workOut } from '../answer/arithmetic.ts';
import type { Thought } from '../thought.ts';
import { fieldsOf, stringOf, stringsOf, type Fields } from '../values.ts';
import type { Findings, ToolRun } from './findings.ts';
import { hasRun, standingOf } from './selection.ts';

const ASKS_FOR_CODE =
  /\b(?:python|code|run|execute|calculate|compute|solve|plot|chart|graph|histogram|csv|spreadsheet|equation|statistics|average|mean|prime|fibonacci|analy[sz]e|container|dataset)\b/i;
/** Other texts that mean the files in the container. */
const ASKS_FOR_FILES = /\b(?:file|data|table|column|row)s?\b/i;

/** Looks whether a named container and the files for a new one are there. @throws TurnError. */
export async function checkCodeTool(tool: Fields, turn: Turn): Promise<void> {
  const container = tool['container'];
  if (typeof container === 'string') await turn.containers.open(container);
  for (const id of stringsOf(fieldsOf(container)['file_ids'])) await turn.readFile(id);
}

/** Works the task out, puts the files that come of it into the container, and cites them. */
export async function* runCodeInterpreter(thought: Thought, tool: Fields, findings: Findings): ToolRun {
  const { talk, turn } = thought;
  if (hasRun(thought, 'code_interpreter_call') || !wanted(thought, tool)) return;
  findings.calls++;
  const containerId = await openContainer(thought, tool);
  const program = await programFor(talk.prompt, await mount(thought, containerId));
  const written = await writeFiles(turn, containerId, program.made);
  yield {
    type: 'code_interpreter_call',
    id: turn.newId('ci'),
    status: 'completed',
    container_id: containerId,
    code: program.code,
    outputs: outputsOf(program),
  };
  const links = written.map(({ filename }) => `[${filename}](${linkTo(filename)})`);
  findings.add(
    [program.says, ...links].join('\n'),
    written.map(({ id, filename }) => ({
      mark: linkTo(filename),
      annotation: { type: 'container_file_citation', container_id: containerId, file_id: id, filename },
    })),
  );
}

function wanted(thought: Thought, tool: Fields): boolean {
  const standing = standingOf(thought, tool);
  if (standing !== 'free') return standing === 'forced';
  const { prompt } = thought.talk;
  const hasFiles =
    stringsOf(fieldsOf(tool['container'])['file_ids']).length > 0 || typeof tool['container'] === 'string';
  return ASKS_FOR_CODE.test(prompt) || workOut(prompt) !== undefined || (hasFiles && ASKS_FOR_FILES.test(prompt));
}

/** The container named, the one that the conversation used before if it still lives, or a new one. */
async function openContainer({ turn, talk }: Thought, tool: Fields): Promise<string> {
  const { containers } = turn;
  const container = tool['container'];
  if (typeof container === 'string') return containers.open(container);
  const before = talk.items.findLast((item) => item.type === 'code_interpreter_call');
  const used = stringOf(before?.['container_id']);
  if (used !== undefined) {
    try {
      return await containers.open(used);
    } catch (error) {
      // An expired container is followed by a new one, as at the service.
      if (!(error instanceof TurnError)) throw error;
    }
  }
  return containers.open({ fileIds: stringsOf(fieldsOf(container)['file_ids']) });
}

/** Files of the input are copied into the container; gives all that it then holds. */
async function mount({ turn, recent, earlier }: Thought, containerId: string): Promise<readonly MountedFile[]> {
  const held = await turn.containers.list(containerId);
  const names = new Set(held.map((file) => file.filename));
  const added: MountedFile[] = [];
  for (const { name, bytes } of [...earlier.documents, ...recent.documents]) {
    if (!bytes || names.has(name)) continue;
    await turn.containers.write(containerId, name, bytes);
    names.add(name);
    added.push({ filename: name, bytes });
  }
  return [...held, ...added];
}

async function writeFiles(
  turn: Turn,
  containerId: string,
  files: readonly MountedFile[],
): Promise<Pick<StoredFile, 'id' | 'filename'>[]> {
  const written = [];
  for (const { filename, bytes } of files) {
    written.push({ id: await turn.containers.write(containerId, filename, bytes), filename });
  }
  return written;
}

function outputsOf({ logs, made }: Program): Fields[] {
  const images = made.filter(({ filename }) => filename.endsWith('.png'));
  return [
    { type: 'logs', logs },
    ...images.map(({ bytes }) => ({
      type: 'image',
      url: `data:image/png;base64,${Buffer.from(bytes).toString('base64')}`,
    })),
  ];
}

function linkTo(filename: string): string {
  return `sandbox:/mnt/data/${filename}`;
}
