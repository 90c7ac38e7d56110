/**
 * Preloaded into a host: its wall clock is ahead by the milliseconds that stand in the file `SHIFTED_CLOCK`, and follows when they
 * change, as when somebody sets the clock of a machine. Timers and `performance.now()` know nothing of that, as in life.
 */
import { readFileSync } from 'node:fs';

const LOOK_MS = 20;
const file = process.env.SHIFTED_CLOCK;
const { now } = Date;
let shift = 0;

if (file !== undefined) {
  const look = (): void => {
    shift = Number(readFileSync(file, 'utf8'));
  };
  look();
  setInterval(look, LOOK_MS).unref();
  const shifted = (): number => now() + shift;
  globalThis.Date = new Proxy(Date, {
    construct: (target, given: unknown[], made): Date =>
      Reflect.construct(target, given.length === 0 ? [shifted()] : given, made) as Date,
    get: (target, name): unknown => (name === 'now' ? shifted : Reflect.get(target, name)),
  });
}
