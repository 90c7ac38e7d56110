/**
 * Preloaded (`node --import`) into every child process of the local world: when the parent is gone, even by kill -9,
 * the channel between the two closes and the child stops as on SIGTERM.
 */
const GRACE_MS = 1_000;

process.once('disconnect', () => {
  setTimeout(() => process.exit(1), GRACE_MS).unref();
  process.kill(process.pid, 'SIGTERM');
});
// The channel alone must not keep a process alive that has closed everything else.
process.channel?.unref();
