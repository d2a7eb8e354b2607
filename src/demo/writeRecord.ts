// The independent record of every acknowledged write: for each document, what may be found at the end. Pure; it knows
// neither twindex nor an engine, only what the writers asked for and what they were answered.
import type { Key } from './catalogue.js';
import { applyChange, type Change, type State } from './change.js';

/** One write on its way. */
export interface Attempt {
  readonly key: Key;
  readonly after: State;
  readonly began: number;
}

interface Finished {
  readonly after: State;
  readonly began: number;
  /** Never, where no answer came: the write may still land. */
  readonly ended: number;
}

interface Entry {
  readonly key: Key;
  /** Kept as a function, so that 50,000 untouched products need no memory. */
  readonly initial: (() => State) | undefined;
  /** The last acknowledged write of each writer, which is the only one of its writes that can be the last of all. */
  readonly last: Map<number, Finished>;
  readonly unanswered: Finished[];
}

export class WriteRecord {
  readonly #entries = new Map<string, Entry>();
  /** Logical time: one tick for each beginning and end of a write. */
  #now = 0;

  /** A document that is there before any writer begins. */
  seed(key: Key, initial: () => State): void {
    this.#entries.set(nameOf(key), { key, initial, last: new Map(), unanswered: [] });
  }

  /** Notes that a write is sent now. `before` is what its writer knows the document to be. */
  begin(key: Key, before: State, change: Change): Attempt {
    return { key, after: applyChange(before, change), began: ++this.#now };
  }

  acknowledge(attempt: Attempt, writer: number): void {
    const { after, began } = attempt;
    this.#entry(attempt.key).last.set(writer, { after, began, ended: ++this.#now });
  }

  /** No answer came: from now on the document may be found with this write or without it. */
  leaveUnanswered(attempt: Attempt): void {
    const { after, began } = attempt;
    this.#entry(attempt.key).unanswered.push({ after, began, ended: Number.POSITIVE_INFINITY });
  }

  /**
   * Every state in which the document may be found. An acknowledged write is ruled out by another that began after it
   * had ended; of writes that overlapped, either may have been the last.
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

/** One name for id and routing, which identify a document together. */
export function nameOf(key: Key): string {
  return JSON.stringify([key.id, key.routing ?? null]);
}
