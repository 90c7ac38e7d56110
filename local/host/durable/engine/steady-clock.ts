let highest = 0;
let lookedAt = 0;

/**
 * The engine's time, in ms since 1970: the machine's, but it never runs backwards. In Azure the storage counts timers down, so a
 * timer of a minute takes a minute there, also when the clock of an instance is set back by an hour meanwhile.
 */
export function steadyNow(): number {
  const ticks = performance.now();
  highest = Math.max(Date.now(), highest + ticks - lookedAt);
  lookedAt = ticks;
  return Math.floor(highest);
}
