// The indexes of the simulated cluster, their aliases, and what a name stands for.
import type { AliasProperties } from '../../../src/cluster/indices/updateAliases.js';
import { EngineError, noIndex, noWriteIndex } from './errors.js';
import { Shard } from './shard.js';

export type Json = Record<string, unknown>;

export class Index {
  readonly name: string;
  readonly shards: Shard[];
  readonly routingNumShards: number;
  /** `index.number_of_replicas` -> `'1'` */
  readonly settings = new Map<string, string>();
  mappings: Json;
  readonly aliases = new Map<string, AliasProperties>();
  closed = false;
  deleted = false;
  /** Operations that a primary has applied and not answered yet. */
  inFlight = 0;
  searches = 0;
  gets = 0;

  constructor(name: string, settings: ReadonlyMap<string, string>, mappings: Json) {
    this.name = name;
    this.mappings = mappings;
    for (const [key, value] of settings) this.settings.set(key, value);
    this.settings.set('index.uuid', `uuid-of-${name}`);
    const count = Number(settings.get('index.number_of_shards') ?? 1);
    this.settings.set('index.number_of_shards', String(count));
    if (!settings.has('index.number_of_replicas')) this.settings.set('index.number_of_replicas', '1');
    this.shards = Array.from({ length: count }, () => new Shard());
    this.routingNumShards = routingNumShards(count);
  }

  get hasReplica(): boolean {
    const expand = this.settings.get('index.auto_expand_replicas');
    if (expand !== undefined && expand !== 'false') return true;
    return this.settings.get('index.number_of_replicas') !== '0';
  }

  get writeBlocked(): boolean {
    return this.settings.get('index.blocks.write') === 'true';
  }
}

/** MetadataCreateIndexService.calculateNumRoutingShards */
function routingNumShards(shards: number): number {
  const log2 = 32 - Math.clz32(shards - 1);
  return shards * (1 << Math.max(1, 10 - log2));
}

export class Indexes {
  readonly byName = new Map<string, Index>();
  /** Aliases that take writes although they are closed, or gone: see ablations. */
  neverCloses: (alias: string) => boolean = () => false;
  /** Where an alias that is gone was. */
  readonly wasOn = new Map<string, Index>();

  /** @throws EngineError 404 */
  get(name: string): Index {
    const index = this.byName.get(name);
    if (!index) throw noIndex(name);
    return index;
  }

  withAlias(alias: string): Index[] {
    return [...this.byName.values()].filter((index) => index.aliases.has(alias));
  }

  /** All indexes behind an expression: names, aliases, commas, a `*` at the end. None for what does not exist. */
  find(expression: string): Index[] {
    const found = new Set<Index>();
    for (const part of expression.split(',')) {
      const index = this.byName.get(part);
      if (index) found.add(index);
      for (const other of this.byName.values()) {
        if (other.aliases.has(part) || (part.endsWith('*') && other.name.startsWith(part.slice(0, -1))))
          found.add(other);
      }
    }
    return [...found];
  }

  /** What a search, a count, a refresh goes to. @throws EngineError 404 */
  read(expression: string): Index[] {
    const found = this.find(expression);
    if (found.length === 0 && !expression.includes('*')) throw noIndex(expression);
    return found;
  }

  /** What a GET of one document goes to. @throws EngineError */
  readOne(name: string): Index {
    const found = this.read(name);
    if (found.length > 1)
      throw new EngineError(
        400,
        'illegal_argument_exception',
        `alias [${name}] has more than one index associated with it`,
      );
    return found[0] as Index;
  }

  /** What a write goes to; undefined when there is nothing of this name. @throws EngineError 400: a closed alias */
  write(name: string): Index | undefined {
    const index = this.byName.get(name);
    if (index) return index;
    const behind = this.withAlias(name);
    if (behind.length === 0) {
      const before = this.neverCloses(name) ? this.wasOn.get(name) : undefined;
      return before?.deleted ? undefined : before;
    }
    if (behind.length === 1) {
      const [only] = behind as [Index];
      if (only.aliases.get(name)?.is_write_index === false && !this.neverCloses(name))
        throw noWriteIndex(name);
      return only;
    }
    const open = behind.find(({ aliases }) => aliases.get(name)?.is_write_index === true);
    if (!open) throw noWriteIndex(name);
    return open;
  }
}

/** Nested or dotted, with or without `index.` in front -> dotted, as the engine keeps them. */
export function flatSettings(settings: Json, prefix = ''): Map<string, string | null> {
  const flat = new Map<string, string | null>();
  for (const [key, value] of Object.entries(settings)) {
    const path = prefix ? `${prefix}.${key}` : key;
    if (value !== null && typeof value === 'object' && !Array.isArray(value)) {
      for (const [inner, text] of flatSettings(value as Json, path)) flat.set(inner, text);
    } else {
      const full = path.startsWith('index.') ? path : `index.${path}`;
      flat.set(full, value === null ? null : (value as string | number | boolean).toString());
    }
  }
  return flat;
}

export function nestedSettings(flat: ReadonlyMap<string, string>): Json {
  const nested: Json = {};
  for (const [path, value] of flat) {
    const keys = path.split('.');
    let at = nested;
    for (const key of keys.slice(0, -1)) at = (at[key] ??= {}) as Json;
    at[keys.at(-1) as string] = value;
  }
  return nested;
}
