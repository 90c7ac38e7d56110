/** One figure. The gateway's, and where it makes sense what the simulator alone and a bare proxy in front of it take. */
export interface Figure {
  what: string;
  unit: string;
  direct?: number;
  proxy?: number;
  gateway: number;
  /** What was set as its limit, and whether it is kept. */
  budget?: { is: string; kept: boolean };
}

const HEAD = ['', 'unit', 'direct', 'proxy', 'gateway', '/ proxy', 'budget'];
const WIDTHS = [54, 6, 9, 9, 10, 9, 0];

const number = (value: number | undefined): string => {
  if (value === undefined) return '';
  return Math.abs(value) < 100 ? value.toFixed(2) : value.toFixed(0);
};

function line(cells: readonly string[]): void {
  const [first = '', second = '', ...rest] = cells;
  const left = first.padEnd(WIDTHS[0] ?? 0) + second.padEnd(WIDTHS[1] ?? 0);
  const right = rest.map((cell, n) => (n < 4 ? cell.padStart(WIDTHS[n + 2] ?? 0) : `  ${cell}`)).join('');
  process.stdout.write(`${(left + right).trimEnd()}\n`);
}

export const printHead = (): void => line(HEAD);

export function print({ what, unit, direct, proxy, gateway, budget }: Figure): void {
  const ratio = proxy === undefined ? '' : (gateway / proxy).toFixed(2);
  const limit = budget === undefined ? '' : `${budget.kept ? 'kept' : 'OVER'}: ${budget.is}`;
  line([what, unit, number(direct), number(proxy), number(gateway), ratio, limit]);
}
