/** The app or its settings cannot be run; the message is one clear sentence for the person who started the host. */
export class StartError extends Error {
  override name = 'StartError';
}
