import { randomUUID } from 'node:crypto';
import type { BindingData } from '../core/types.ts';

/**
 * Fills `{name}`, `{rand-guid}` and `{DateTime}` in the path of an output.
 * @throws Error when a name stands for nothing, naming it
 */
export function fillPath(path: string, data: BindingData, now = new Date()): string {
  const values = new Map(Object.entries(data).map(([name, value]) => [name.toLowerCase(), value]));
  return path.replaceAll(/\{([^{}]+)\}/g, (_whole, expression: string) => {
    const [name = '', format] = expression.split(':');
    const builtIn = fillBuiltIn(name.toLowerCase(), format, now);
    if (builtIn !== undefined) return builtIn;
    const value = values.get(name.toLowerCase());
    if (value !== undefined) return value;
    throw new Error(`The binding expression '{${name}}' in "${path}" stands for nothing that this trigger gives.`);
  });
}

function fillBuiltIn(name: string, format: string | undefined, now: Date): string | undefined {
  if (name === 'rand-guid') return format === 'N' ? randomUUID().replaceAll('-', '') : randomUUID();
  if (name !== 'datetime') return undefined;
  return format === undefined ? now.toISOString().replaceAll(':', '-') : formatDate(now, format);
}

function formatDate(date: Date, format: string): string {
  const two = (value: number): string => String(value).padStart(2, '0');
  return format
    .replaceAll('yyyy', String(date.getUTCFullYear()))
    .replaceAll('MM', two(date.getUTCMonth() + 1))
    .replaceAll('dd', two(date.getUTCDate()))
    .replaceAll('HH', two(date.getUTCHours()))
    .replaceAll('mm', two(date.getUTCMinutes()))
    .replaceAll('ss', two(date.getUTCSeconds()));
}
