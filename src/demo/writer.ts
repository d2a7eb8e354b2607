// A writer of the application, which has two releases. Through a gateway, the writer sends the version of its
// documents, and a redeployment changes its release. Without a gateway, it writes version 1 until a write is
// refused. Then it reads the version of the index behind the alias, and changes to the release for this
// version.
import { setTimeout as sleep } from 'node:timers/promises';
import type { State } from './change.js';
import { Lost, type Way } from './gateways.js';
import type { Attempt, WriteRecord } from './writeRecord.js';
import { type Item, type Outcome, outcomesOf, requestFor } from './wire.js';

export class WriteTally {
  acknowledged = 0;
  /** Writes that got no response although no gateway was killed, and writes that were refused for good. */
  failed = 0;
  /** Writes without a response because their gateway was killed. The engine may have carried them out. */
  unanswered = 0;
  /** Writes that went through the other gateway, because the writer's own was down. */
  rerouted = 0;
  /** Writes that were refused at least once and acknowledged later. */
  retried = 0;
  /** For each retried write, the time from the first refusal to the acknowledgement. */
  readonly waitsMs: number[] = [];
  /** Response times of writes through a gateway. */
  readonly answeredMs: number[] = [];
  /** Response times around the switch. Gateways hold writes only then. */
  heldMs: readonly number[] = [];
  readonly byKind: Record<string, number> = {};
  readonly examples: string[] = [];
}

export interface Release {
  version: number;
  way: Way;
  /** True if writes use a gateway. Then no write is refused, and the writer need not read the version. */
  byGateway: boolean;
}

export interface WriterOptions {
  readonly alias: string;
  readonly number: number;
  readonly record: WriteRecord;
  readonly tally: WriteTally;
  readonly release: Release;
}

/** A write to make, and the state of the document as its writer knows it. */
export interface Write {
  readonly item: Item;
  readonly before: State;
}

/** The state of the document after a write, as its writer knows it; `unknown` if there was no response. */
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

  /** Sends all writes in one request, and retries refused writes until each write has an outcome. */
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
      if (!release.byGateway && outcomes.some(({ type }) => type === 'refused')) await this.#lookAtVersion();
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
    const { release, tally } = this.#options;
    const began = performance.now();
    try {
      const reply = await release.way.send(method, path, body, release.byGateway ? version : undefined);
      if (release.byGateway) tally.answeredMs.push(performance.now() - began);
      return outcomesOf(items, reply);
    } catch (error) {
      if (!(error instanceof Lost)) throw error;
      const { message: reason, excused } = error;
      return items.map(() => ({ type: 'unanswered', reason, excused }));
    }
  }

  #settle(write: Pending, outcome: Outcome, before: Known): Known {
    const { record, tally, number } = this.#options;
    if (outcome.type === 'acknowledged') {
      record.acknowledge(write.attempt, number);
      this.#count(write);
      return { type: 'known', state: write.attempt.after };
    }
    if (outcome.type === 'unanswered' && outcome.excused) {
      tally.unanswered += 1;
      record.leaveUnanswered(write.attempt);
      return { type: 'unknown' };
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

  /** Reads the version from the mapping's `_meta`, as an application could do. Without `_meta` the version is 1. */
  async #lookAtVersion(): Promise<void> {
    const { alias, release } = this.#options;
    const path = `/${alias}?filter_path=*.aliases,*.mappings._meta`;
    try {
      const { text } = await release.way.send('GET', path);
      const indexes = Object.values(JSON.parse(text) as Record<string, IndexHead>);
      const writeIndex =
        indexes.find((index) => index.aliases[alias]?.is_write_index === true) ??
        (indexes.length === 1 ? indexes[0] : undefined);
      if (writeIndex) release.version = writeIndex.mappings?._meta?.twindex?.version ?? 1;
    } catch {
      // The next retry reads the version again.
    }
  }
}

interface IndexHead {
  readonly aliases: Readonly<Record<string, { readonly is_write_index?: boolean }>>;
  readonly mappings?: { readonly _meta?: { readonly twindex?: { readonly version?: number } } };
}
