// The record of all acknowledged writes. It shows which states each document may have at the end. It uses
// only the requests of the writers and the responses, and no code of twindex. Pure.
import type { Key } from './catalogue.js';
import { applyChange, type Change, type State } from './change.js';

export interface Attempt {
  readonly key: Key;
  readonly after: State;
  readonly began: number;
}

interface Finished {
  readonly after: State;
  readonly began: number;
  /** The logical time at which the write ended; Infinity without a response: the engine may still carry it out. */
  readonly ended: number;
}

interface Entry {
  readonly key: Key;
  /** The state before the first write. It is a function, so that 50,000 unchanged products need no memory. */
  readonly initial: (() => State) | undefined;
  /** The last acknowledged write of each writer. A writer's earlier writes cannot be the last write of the document. */
  readonly last: Map<number, Finished>;
  readonly unanswered: Finished[];
}

export class WriteRecord {
  readonly #entries = new Map<string, Entry>();
  /** Logical time. Grows by one when a write begins or ends. */
  #now = 0;

  /** Adds a document that exists before the writers start. */
  seed(key: Key, initial: () => State): void {
    this.#entries.set(nameOf(key), { key, initial, last: new Map(), unanswered: [] });
  }

  /** Call this when a write is sent. @param before the state of the document as its writer knows it */
  begin(key: Key, before: State, change: Change): Attempt {
    return { key, after: applyChange(before, change), began: ++this.#now };
  }

  acknowledge(attempt: Attempt, writer: number): void {
    const { after, began } = attempt;
    this.#entry(attempt.key).last.set(writer, { after, began, ended: ++this.#now });
  }

  /** Call this when there was no response. The write may or may not have been carried out. */
  leaveUnanswered(attempt: Attempt): void {
    const { after, began } = attempt;
    this.#entry(attempt.key).unanswered.push({ after, began, ended: Number.POSITIVE_INFINITY });
  }

  /**
   * All states that the document may have. An acknowledged write is excluded if another acknowledged write began after
   * this write had ended. If writes overlap, each of them may be the last.
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

/** A string that identifies a document. With routing, several documents may have the same id. */
export function nameOf(key: Key): string {
  return JSON.stringify([key.id, key.routing ?? null]);
}
