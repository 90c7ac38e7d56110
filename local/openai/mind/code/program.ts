import { workOut, type Sum } from '../answer/arithmetic.ts';
import { listWords } from '../words.ts';
import { plot } from './plot.ts';
import { formatCsv, numericColumns, parseCsv, tableIn, type Table } from './table.ts';

/** A file in the container, by the name that code sees. */
export interface MountedFile {
  filename: string;
  bytes: Uint8Array;
}

/** What was "run": code that says what happened, and what really came out of it. */
export interface Program {
  code: string;
  logs: string;
  made: readonly MountedFile[];
  /** The result in a sentence. */
  says: string;
}

const MOUNT = '/mnt/data';

/** The program that a prompt asks for. Its results are worked out here; no Python runs. */
export async function programFor(prompt: string, files: readonly MountedFile[]): Promise<Program> {
  const data = files.find(({ filename }) => /\.csv$/i.test(filename));
  if (/\b(?:plot|chart|graph|diagram|histogram|visuali[sz]\w*|csv|spreadsheet|table)\b/i.test(prompt)) {
    const makesCsv = !data && /\b(?:csv|spreadsheet|table)\b/i.test(prompt);
    const makesPlot = /\b(?:plot|chart|graph|diagram|histogram|visuali[sz]\w*)\b/i.test(prompt);
    if (makesCsv || makesPlot) return tabulate(prompt, data, makesCsv, makesPlot);
  }
  const sum = workOut(prompt);
  if (sum) return solve(sum);
  if (data) return describeCsv(data);
  return files.length > 0 ? describeFiles(files) : seriesOrEcho(prompt);
}

async function tabulate(
  prompt: string,
  data: MountedFile | undefined,
  makesCsv: boolean,
  makesPlot: boolean,
): Promise<Program> {
  const table = data ? parseCsv(textOf(data)) : tableIn(prompt);
  const csvName = nameIn(prompt, 'csv') ?? 'data.csv';
  const plotName = nameIn(prompt, 'png') ?? 'plot.png';
  const made: MountedFile[] = [];
  const code = [
    'import pandas as pd',
    data ? `df = pd.read_csv(${quote(`${MOUNT}/${data.filename}`)})` : dataFrame(table),
  ];
  if (makesCsv) {
    made.push({ filename: csvName, bytes: Buffer.from(formatCsv(table)) });
    code.push(`df.to_csv(${quote(`${MOUNT}/${csvName}`)}, index=False)`);
  }
  if (makesPlot) {
    made.push({ filename: plotName, bytes: await plot(table) });
    code.splice(1, 0, 'import matplotlib.pyplot as plt');
    code.push(`df.plot(x=df.columns[0])`, `plt.savefig(${quote(`${MOUNT}/${plotName}`)})`);
  }
  code.push('print(df.shape)');
  const what = listWords([...(makesCsv ? ['a CSV file'] : []), ...(makesPlot ? ['a plot'] : [])]);
  return {
    code: code.join('\n'),
    logs: `(${table.rows.length}, ${table.columns.length})\n`,
    made,
    says: `I made ${what} with ${table.rows.length} rows of ${listWords(table.columns)}.`,
  };
}

function dataFrame({ columns, rows }: Table): string {
  const lists = columns.map((name, index) => `${quote(name)}: ${JSON.stringify(rows.map((row) => row[index]))}`);
  return `df = pd.DataFrame({${lists.join(', ')}})`;
}

function describeCsv(file: MountedFile): Program {
  const table = parseCsv(textOf(file));
  const numbers = numericColumns(table).map(({ name, values }) => {
    const sum = values.reduce((total, value) => total + value, 0);
    return {
      name,
      sum: round(sum),
      mean: round(sum / values.length),
      min: Math.min(...values),
      max: Math.max(...values),
    };
  });
  const lines = numbers.map(
    ({ name, sum, mean, min, max }) => `${name}: sum ${sum}, mean ${mean}, min ${min}, max ${max}`,
  );
  return {
    code: `import pandas as pd\ndf = pd.read_csv(${quote(`${MOUNT}/${file.filename}`)})\nprint(df.shape)\nprint(df.agg(['sum', 'mean', 'min', 'max']))`,
    logs: [`(${table.rows.length}, ${table.columns.length})`, ...lines, ''].join('\n'),
    made: [],
    says: `${file.filename} has ${table.rows.length} rows and the columns ${listWords(table.columns)}. ${lines.join('. ')}.`,
  };
}

function describeFiles(files: readonly MountedFile[]): Program {
  const lines = files.map(
    (file) =>
      `${file.filename}: ${file.bytes.byteLength} bytes${isText(file) ? `, ${textOf(file).split('\n').length} lines` : ''}`,
  );
  return {
    code: `import os\nfor name in sorted(os.listdir(${quote(MOUNT)})):\n    print(name, os.path.getsize(os.path.join(${quote(MOUNT)}, name)))`,
    logs: `${lines.join('\n')}\n`,
    made: [],
    says: `The container holds ${lines.join('; ')}.`,
  };
}

function solve({ expression, result, unknown }: Sum): Program {
  if (unknown === undefined) {
    return { code: `print(${expression})`, logs: `${result}\n`, made: [], says: `${expression} = ${result}` };
  }
  const [left = '', right = ''] = expression.split('=').map((side) => side.trim().replace(/(\d)\s*([a-z])/gi, '$1*$2'));
  return {
    code: `from sympy import symbols, Eq, solve\n${unknown} = symbols(${quote(unknown)})\nprint(solve(Eq(${left}, ${right}), ${unknown}))`,
    logs: `[${result}]\n`,
    made: [],
    says: `The solution of ${expression} is ${unknown} = ${result}.`,
  };
}

function seriesOrEcho(prompt: string): Program {
  if (/\b(?:first|list|compute|calculate)\b.*\b(?:squares?|cubes?|primes?|fibonacci)\b/i.test(prompt)) {
    const { columns, rows } = tableIn(prompt);
    const values = rows.map((row) => row[1]).join(', ');
    return {
      code: `print(${JSON.stringify(rows.map((row) => row[1]))})`,
      logs: `[${values}]\n`,
      made: [],
      says: `The ${columns[1] ?? 'values'} are ${values}.`,
    };
  }
  return {
    code: `text = ${quote(prompt)}\nprint(len(text.split()))`,
    logs: `${prompt.split(/\s+/).length}\n`,
    made: [],
    says: `I ran code over your message: it has ${prompt.split(/\s+/).length} words.`,
  };
}

/** "as report.csv" names the file. */
function nameIn(prompt: string, extension: string): string | undefined {
  return new RegExp(String.raw`[\w-]+\.${extension}\b`, 'i').exec(prompt)?.[0];
}

function isText({ filename }: MountedFile): boolean {
  return /\.(?:txt|md|csv|json|xml|html|css|js|ts|py|c|cpp|cs|java|php|rb|sh|tex)$/i.test(filename);
}

function textOf({ bytes }: MountedFile): string {
  return Buffer.from(bytes).toString('utf8');
}

function round(value: number): number {
  return Math.round(value * 1e6) / 1e6;
}

/** A Python string literal. */
function quote(text: string): string {
  return `'${text.replace(/\\/g, '\\\\').replace(/'/g, "\\'").replace(/\n/g, '\\n')}'`;
}
