// The independent record of every acknowledged write: the states that each document may have at the end. It
// only uses the writers' requests and their responses, nothing of twindex or the engine. Pure.
import type { Key } from './catalogue.js';
import { applyChange, type Change, type State } from './change.js';

/** A write in flight. */
export interface Attempt {
  readonly key: Key;
  readonly after: State;
  readonly began: number;
}

interface Finished {
  readonly after: State;
  readonly began: number;
  /** Infinity if there was no response: the write may still be applied. */
  readonly ended: number;
}

interface Entry {
  readonly key: Key;
  /** A function, so that 50,000 untouched products need no memory. */
  readonly initial: (() => State) | undefined;
  /** The last acknowledged write of each writer. Earlier ones cannot be the last write of all. */
  readonly last: Map<number, Finished>;
  readonly unanswered: Finished[];
}

export class WriteRecord {
  readonly #entries = new Map<string, Entry>();
  /** Logical time, which advances at the beginning and end of each write. */
  #now = 0;

  /** Adds a document that exists before any writer begins. */
  seed(key: Key, initial: () => State): void {
    this.#entries.set(nameOf(key), { key, initial, last: new Map(), unanswered: [] });
  }

  /** Notes that a write is sent now. `before` is the state of the document as its writer knows it. */
  begin(key: Key, before: State, change: Change): Attempt {
    return { key, after: applyChange(before, change), began: ++this.#now };
  }

  acknowledge(attempt: Attempt, writer: number): void {
    const { after, began } = attempt;
    this.#entry(attempt.key).last.set(writer, { after, began, ended: ++this.#now });
  }

  /** Notes that there was no response, so the document may or may not have this write. */
  leaveUnanswered(attempt: Attempt): void {
    const { after, began } = attempt;
    this.#entry(attempt.key).unanswered.push({ after, began, ended: Number.POSITIVE_INFINITY });
  }

  /**
   * All states that the document may have. An acknowledged write is excluded if another one began after it
   * had ended. Of writes that overlapped, any may have been the last.
   */
  possibleStates(key: Key): State[] {
    const entry = this.#entries.get(nameOf(key));
    if (!entry) return [null];
    const acknowledged = [...entry.last.values()];
    const lastBeginning = Math.max(-1, ...acknowledged.map((write) => write.began));
    const states = acknowledged.filter((write) => write.ended > lastBeginning).map((write) => write.after);
    if (acknowledged.length === 0) states.push(entry.initial?.() ?? null);
    return [...states, ...entry.unanswered.map((write) => write.after)];
  }

  /** Every document that was ever written. */
  *keys(): Iterable<Key> {
    for (const entry of this.#entries.values()) yield entry.key;
  }

  get size(): number {
    return this.#entries.size;
  }

  #entry(key: Key): Entry {
    const name = nameOf(key);
    const known = this.#entries.get(name);
    if (known) return known;
    const entry: Entry = { key, initial: undefined, last: new Map(), unanswered: [] };
    this.#entries.set(name, entry);
    return entry;
  }
}

/** Id and routing as one text; together they identify a document. */
export function nameOf(key: Key): string {
  return JSON.stringify([key.id, key.routing ?? null]);
}
