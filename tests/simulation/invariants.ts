// What must hold at a switch, at a move of the readers, and in the end.
import { type Application, allowedValues, type Key, type Write } from './application.js';
import type { VirtualClock } from './clock.js';
import type { Index } from './engine/index.js';
import type { SimulatedEngine } from './engine/engine.js';
import type { Entry } from './engine/shard.js';
import { shardOfKey } from './engine/writes.js';

export interface Names {
  readonly name: string;
  readonly source: string;
  readonly target: string;
  readonly read: string;
  readonly write: string;
}

/** A hold, and the time that a guardian or a successor needs to end one. */
const LONGEST_REFUSAL_MS = 15_000;

/** After so long, what is read has what was acknowledged, when nothing goes wrong (R2). */
const LAG_MS = 1_500;

export class Invariants {
  readonly violations: string[] = [];
  /** The beginning of the round of the cut-over. */
  roundBegan = Number.POSITIVE_INFINITY;
  switches = 0;
  cutOvers = 0;
  readonly #engine: SimulatedEngine;
  readonly #names: Names;
  readonly #applications: readonly Application[];
  readonly #now: () => number;
  readonly #copiesArrive: boolean;
  #stopped = false;
  /** When readers or writers were last moved. */
  #movedAt = 0;
  #before = { writers: '', readers: '', live: new Map<string, string>() };

  constructor(
    engine: SimulatedEngine,
    names: Names,
    applications: readonly Application[],
    now: () => number,
    copiesArrive: boolean,
  ) {
    this.#engine = engine;
    this.#names = names;
    this.#applications = applications;
    this.#now = now;
    this.#copiesArrive = copiesArrive;
    engine.onAliases = (when) => this.#look(when);
  }

  violated(what: string): void {
    this.violations.push(`at ${this.#now().toFixed(1)}: ${what}`);
  }

  /** I4 in every state: the index that takes the writes has what was acknowledged. */
  checkDone({ id }: Key, writes: readonly Write[]): void {
    const { indexes } = this.#engine;
    const index = indexes.byName.get(this.#holderOf(this.#names.write));
    if (!index) return this.violated(`nothing is behind ${this.#names.write}`);
    const allowed = allowedValues(writes);
    const found = index.shards.flatMap(({ primary }) => primary.entries.get(id)?.source ?? []);
    const value = found[0] === undefined ? undefined : valueOf(found[0]);
    if (!allowed.has(value))
      this.violated(`I4: ${id} in ${index.name} is ${value}, and not ${[...allowed].join(' or ')}`);
  }

  /** R3 (ii) and (iii): what a gateway acknowledges while the follower is read, that has too. */
  checkMirrored({ id, moved }: Key, writes: readonly Write[], alsoOlder = false): void {
    // following brings what was under several routings
    if (moved) return;
    const readers = this.#holderOf(this.#names.read);
    const began = writes.findLast(({ outcome }) => outcome === 'done')?.began ?? 0;
    const second = this.#engine.indexes.byName.get(readers);
    if (!second || readers === this.#holderOf(this.#names.write) || (!alsoOlder && began < this.#movedAt))
      return;
    const found = second.shards.flatMap(({ primary }) => primary.entries.get(id)?.source ?? []);
    const value = found[0] === undefined ? undefined : valueOf(found[0]);
    const allowed = allowedValues(writes);
    if (!allowed.has(value))
      this.violated(`R3: ${id} in ${readers} is ${value}, and not ${[...allowed].join(' or ')}`);
  }

  /** Looks again and again at what must hold at any time. */
  watch(clock: VirtualClock, isCalm: () => boolean): void {
    let refusedSince: number | undefined;
    const look = (): void => {
      if (this.#stopped) return;
      for (const { writes, mirrored } of this.#applications) {
        for (const [key, own] of writes) {
          const last = own.at(-1);
          if (last?.outcome !== 'done') continue;
          this.checkDone(key, own);
          if (mirrored && last.ended < clock.now - LAG_MS) this.checkMirrored(key, own, true);
        }
      }
      refusedSince = this.#takesWrites() ? undefined : (refusedSince ?? clock.now);
      if (
        refusedSince !== undefined &&
        clock.now - refusedSince > (isCalm() ? LONGEST_REFUSAL_MS : 3 * LONGEST_REFUSAL_MS)
      ) {
        this.violated(`writes have been refused for ${clock.now - refusedSince} ms`);
        return;
      }
      clock.schedule(250, look);
    };
    look();
  }

  stopWatching(): void {
    this.#stopped = true;
  }

  #takesWrites(): boolean {
    const { write } = this.#names;
    const { indexes } = this.#engine;
    const index = indexes.byName.get(this.#holderOf(write));
    return index !== undefined && !index.writeBlocked && index.aliases.get(write)?.is_write_index !== false;
  }

  #holderOf(alias: string): string {
    const { indexes } = this.#engine;
    return (indexes.byName.get(alias) ?? indexes.withAlias(alias)[0])?.name ?? '';
  }

  #look(when: 'before' | 'after'): void {
    const { read, write } = this.#names;
    const now = { writers: this.#holderOf(write), readers: this.#holderOf(read) };
    if (when === 'before') {
      const index = this.#engine.indexes.byName.get(now.writers);
      this.#before = { ...now, live: index ? liveOf(index) : new Map() };
      return;
    }
    const { byName } = this.#engine.indexes;
    const writers = byName.get(now.writers);
    if (now.writers !== this.#before.writers && writers) {
      this.switches++;
      const differences = differencesOf(this.#before.live, liveOf(writers));
      if (differences) this.violated(`I1: ${this.#before.writers} -> ${now.writers}: ${differences}`);
    }
    const readers = byName.get(now.readers);
    if (now.readers !== this.#before.readers || now.writers !== this.#before.writers)
      this.#movedAt = this.#now();
    if (now.readers !== this.#before.readers && readers && now.readers !== now.writers) {
      this.cutOvers++;
      this.#checkReaders(readers, this.roundBegan, searchedValues);
      if (this.#copiesArrive) this.#checkReaders(readers, this.#now(), realtimeValues);
    }
  }

  /** R3: what was acknowledged until then is there. As far as following goes: deletes are compared a little later. */
  #checkReaders(index: Index, until: number, valuesOf: typeof searchedValues): void {
    for (const application of this.#applications) {
      for (const [key, writes] of application.writes) {
        const last = writes.findLastIndex(({ outcome, ended }) => outcome === 'done' && ended < until);
        const since = last < 0 ? [] : writes.slice(last);
        if (since.length === 0 || since.some(({ value }) => value === undefined)) continue;
        if (writes.some(({ outcome }) => outcome === 'unknown')) continue;
        const seen = valuesOf(index, key);
        const allowed = new Set(since.map(({ value }) => value));
        if (!seen.every((value) => allowed.has(value)))
          this.violated(
            `R3: ${key.id} is ${seen.join(' and ')} in ${index.name}, and not ${[...allowed].join(' or ')}`,
          );
      }
    }
  }

  /** When all is over. */
  checkEnd(over: 'finalized' | 'aborted', twoAliases: boolean): void {
    const { indexes } = this.#engine;
    const { name, source, target, read, write } = this.#names;
    const [stays, goes] = over === 'finalized' ? [target, source] : [source, target];
    if (indexes.byName.has(goes)) this.violated(`${goes} is still there`);
    const index = indexes.byName.get(stays);
    if (!index) return this.violated(`${stays} is gone`);
    const aliases = [...index.aliases]
      .filter(([, { is_write_index }]) => is_write_index !== false)
      .map(([alias]) => alias);
    const expected = twoAliases ? [read, write] : stays === name ? [] : [write];
    if (aliases.sort().join() !== expected.sort().join() || index.aliases.size !== aliases.length)
      this.violated(`${stays} has the aliases ${JSON.stringify(Object.fromEntries(index.aliases))}`);
    if (index.writeBlocked) this.violated(`${stays} has a write block`);
    const known = new Set([stays, 'twindex-journal']);
    for (const other of indexes.byName.keys())
      if (!known.has(other)) this.violated(`there is an index ${other}`);
    for (const shard of index.shards)
      if (differencesOf(live(shard.primary.entries), live(shard.second.entries)))
        this.violated(`the copies of ${stays} differ`);
    this.#checkDocuments(index);
  }

  #checkDocuments(index: Index): void {
    const found = liveOf(index);
    for (const application of this.#applications) {
      for (const [{ id }, writes] of application.writes) {
        const [name, other] = [...found.keys()].filter((one) => one.startsWith(`${id}?`));
        if (other !== undefined) this.violated(`I4: ${id} is there twice: ${name} and ${other}`);
        const text = name === undefined ? undefined : found.get(name);
        if (name !== undefined) found.delete(name);
        const value = text === undefined ? undefined : valueOf(text);
        const allowed = allowedValues(writes);
        if (!allowed.has(value)) {
          const kind = value === undefined ? 'lost' : allowed.has(undefined) ? 'resurrected' : 'stale';
          this.violated(`I4: ${id} is ${kind}: ${value}, and not ${[...allowed].join(' or ')}`);
        }
      }
      for (const strange of application.strange) this.violated(`an application was answered ${strange}`);
    }
    for (const id of found.keys()) this.violated(`nobody has written ${id}`);
  }
}

const valueOf = (source: string): number => (JSON.parse(source) as { v: number }).v;

/** What each copy of the shard shows to a search. */
function realtimeValues(index: Index, { id, routing }: Key): (number | undefined)[] {
  const entry = shardOfKey(index, id, routing).get(id);
  return [entry && valueOf(entry.source as string)];
}

function searchedValues(index: Index, { id, routing }: Key): (number | undefined)[] {
  const shard = shardOfKey(index, id, routing);
  const copies = index.hasReplica && !shard.recovering ? [shard.primary, shard.second] : [shard.primary];
  return copies.map(({ searchable }) => {
    const entry = searchable.find((one) => one.id === id);
    return entry && valueOf(entry.source as string);
  });
}

/** By id and routing. */
function live(entries: ReadonlyMap<string, Entry>): Map<string, string> {
  const found = new Map<string, string>();
  for (const { id, routing, source } of entries.values())
    if (source !== undefined) found.set(`${id}?${routing ?? ''}`, source);
  return found;
}

function liveOf(index: Index): Map<string, string> {
  return new Map(index.shards.flatMap(({ primary }) => [...live(primary.entries)]));
}

/** Undefined where both have the same documents, going by their values. */
function differencesOf(a: ReadonlyMap<string, string>, b: ReadonlyMap<string, string>): string | undefined {
  const differing: string[] = [];
  for (const id of new Set([...a.keys(), ...b.keys()])) {
    const [one, other] = [a.get(id), b.get(id)].map((text) =>
      text === undefined ? 'missing' : valueOf(text),
    );
    if (one !== other) differing.push(`${id}: ${one} and ${other}`);
  }
  return differing.length === 0 ? undefined : differing.sort().join('; ');
}
