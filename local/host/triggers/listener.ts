/** Something that waits for events of one kind and runs functions. */
export interface Listener {
  /** Begins to listen. Throws StartError when a function's binding cannot be served. */
  start(): Promise<void>;
  /** Hears no more, waits for what it has started. */
  stop(): Promise<void>;
}
