// A writer of the application, in two releases: it writes version 1's documents until a write is refused, then looks at
// the version behind the alias, and goes on as the release that writes that version's documents.
import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf } from '../errors.js';
import type { State } from './change.js';
import type { EngineHttp } from './http.js';
import type { Attempt, WriteRecord } from './record.js';
import { type Item, type Outcome, outcomesOf, requestFor } from './wire.js';

/** What all writers together were answered. */
export class WriteTally {
  acknowledged = 0;
  /** Not done in the end, or not answered. */
  failed = 0;
  /** Writes that were refused at least once and done later. */
  retried = 0;
  /** For each of these, from the first refusal to the acknowledgement, in ms. */
  readonly waitsMs: number[] = [];
  readonly byKind: Record<string, number> = {};
  readonly examples: string[] = [];
}

/** The release of the application that is running, shared by its writers. */
export interface Release {
  /** The version whose documents it writes. */
  version: number;
}

export interface WriterOptions {
  readonly http: EngineHttp;
  readonly alias: string;
  /** Tells this writer's acknowledgements from others'. */
  readonly number: number;
  readonly record: WriteRecord;
  readonly tally: WriteTally;
  readonly release: Release;
}

/** A write to do: the item, and what its writer knows the document to be. */
export interface Write {
  readonly item: Item;
  readonly before: State;
}

/** What its writer knows afterwards; `unknown` where no answer came. */
export type Known = { readonly type: 'known'; readonly state: State } | { readonly type: 'unknown' };

interface Pending {
  readonly at: number;
  readonly item: Item;
  readonly attempt: Attempt;
  refusedAt: number | undefined;
}

const GIVE_UP_MS = 60_000;
const BETWEEN_TRIES_MS = 25;
const MAX_EXAMPLES = 5;

export class Writer {
  readonly #options: WriterOptions;

  constructor(options: WriterOptions) {
    this.#options = options;
  }

  /** Sends the writes in one request, and those that were refused again, until each has its outcome. */
  async write(writes: readonly Write[]): Promise<Known[]> {
    const { record, release } = this.#options;
    const known = writes.map(({ before }): Known => ({ type: 'known', state: before }));
    const started = performance.now();
    let pending = writes.map(
      ({ item, before }, at): Pending => ({
        at,
        item,
        attempt: record.begin(item.key, before, item.change),
        refusedAt: undefined,
      }),
    );
    while (pending.length > 0) {
      const sentAs = release.version;
      const outcomes = await this.#send(pending, sentAs);
      if (outcomes.some((outcome) => outcome.type === 'refused')) await this.#lookAtVersion();
      const hopeless = performance.now() - started > GIVE_UP_MS;
      const sameRelease = release.version === sentAs;
      const again: Pending[] = [];
      pending.forEach((write, index) => {
        const outcome = outcomes[index] as Outcome;
        const refusedForGood =
          outcome.type === 'refused' && (hopeless || (outcome.mayBeOldShape && sameRelease));
        if (outcome.type === 'refused' && !refusedForGood) {
          write.refusedAt ??= performance.now();
          again.push(write);
        } else {
          known[write.at] = this.#settle(write, outcome, known[write.at] as Known);
        }
      });
      pending = again;
      if (pending.length > 0) await sleep(BETWEEN_TRIES_MS);
    }
    return known;
  }

  async #send(pending: readonly Pending[], version: number): Promise<Outcome[]> {
    const items = pending.map(({ item }) => item);
    const { method, path, body } = requestFor(this.#options.alias, items, version);
    try {
      return outcomesOf(items, await this.#options.http.send(method, path, body));
    } catch (error) {
      return items.map(() => ({ type: 'unanswered', reason: messageOf(error) }));
    }
  }

  #settle(write: Pending, outcome: Outcome, before: Known): Known {
    const { record, tally, number } = this.#options;
    if (outcome.type === 'acknowledged') {
      record.acknowledge(write.attempt, number);
      this.#count(write);
      return { type: 'known', state: write.attempt.after };
    }
    tally.failed += 1;
    if (tally.examples.length < MAX_EXAMPLES) tally.examples.push(`write failed: ${outcome.reason}`);
    if (outcome.type !== 'unanswered') return before;
    record.leaveUnanswered(write.attempt);
    return { type: 'unknown' };
  }

  #count({ item, refusedAt }: Pending): void {
    const { tally } = this.#options;
    tally.acknowledged += 1;
    tally.byKind[item.change.kind] = (tally.byKind[item.change.kind] ?? 0) + 1;
    if (refusedAt === undefined) return;
    tally.retried += 1;
    tally.waitsMs.push(performance.now() - refusedAt);
  }

  /** An application tells its release by the version in the mapping's `_meta`; an index without it is version 1. */
  async #lookAtVersion(): Promise<void> {
    const { http, alias, release } = this.#options;
    const path = `/${alias}?filter_path=*.aliases,*.mappings._meta`;
    try {
      const indexes = Object.values(await http.json<Record<string, IndexHead>>('GET', path));
      const writeIndex =
        indexes.find((index) => index.aliases[alias]?.is_write_index === true) ??
        (indexes.length === 1 ? indexes[0] : undefined);
      if (writeIndex) release.version = writeIndex.mappings?._meta?.twindex?.version ?? 1;
    } catch {
      // The next try looks again.
    }
  }
}

interface IndexHead {
  readonly aliases: Readonly<Record<string, { readonly is_write_index?: boolean }>>;
  readonly mappings?: { readonly _meta?: { readonly twindex?: { readonly version?: number } } };
}
