import type { Item } from '../../turn.ts';
import type { Fields } from '../values.ts';

/** A file or page that a sentence names: `mark` is the part of the text that the annotation covers. */
export interface Citation {
  mark: string;
  annotation: Fields;
}

/** What the hosted tools of one turn have brought to light, for the message that ends it. */
export class Findings {
  /** How many built-in calls were made. */
  calls = 0;
  private waiting = false;
  private readonly sentences: string[] = [];
  private readonly citations: Citation[] = [];

  /** The caller has to do something first: no message follows. */
  wait(): void {
    this.waiting = true;
  }

  isWaiting(): boolean {
    return this.waiting;
  }

  add(sentence: string, citations: readonly Citation[] = []): void {
    this.sentences.push(sentence);
    this.citations.push(...citations);
  }

  get empty(): boolean {
    return this.sentences.length === 0;
  }

  get text(): string {
    return this.sentences.join('\n\n');
  }

  get cites(): boolean {
    return this.citations.length > 0;
  }

  /** The annotations with their places in the text. */
  annotations(): Fields[] {
    const text = this.text;
    return this.citations.map(({ mark, annotation }) => {
      const start = text.indexOf(mark);
      return { ...annotation, start_index: start, end_index: start + mark.length };
    });
  }
}

/** Yields the items of a tool; what it learns goes into the findings. */
export type ToolRun = AsyncGenerator<Item, void>;
