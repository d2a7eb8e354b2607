// Derives from the records of the migrations how gateways treat searches through the read aliases. Pure.
import { isOver, type MigrationRecord, type StateName } from '../../../protocol/record.js';
import { searchOf, type SearchTarget } from './searchOf.js';

export interface ReadRule {
  readonly name: string;
  /** The new index. */
  readonly target: string;
  /** Shares of the searches, from 0 to 1. */
  readonly record: number;
  readonly shadow: number;
  readonly canary: number;
  readonly sticky: string | null;
}

export interface FoundSearch extends SearchTarget {
  readonly rule: ReadRule;
}

/** States in which the target is kept in sync, or was until a moment ago. */
const FED: ReadonlySet<StateName> = new Set(['mirroring', 'movingReaders', 'holding', 'settling']);

export function readRuleOf(record: MigrationRecord): ReadRule | undefined {
  if (isOver(record)) return undefined;
  const { name, reads, readers, state, verified, paused, target } = record;
  const comparable = readers === 'source' && FED.has(state);
  const rule: ReadRule = {
    name,
    target: target.index,
    record: reads.record,
    shadow: comparable ? reads.shadow : 0,
    // a paused migration does not keep the target in sync
    canary: comparable && verified && !paused ? reads.canary : 0,
    sticky: reads.sticky,
  };
  return rule.record > 0 || rule.shadow > 0 || rule.canary > 0 ? rule : undefined;
}

export class ReadRules {
  /** Usually false. If so, no search has to be checked. */
  readonly active: boolean;
  readonly #byAlias = new Map<string, ReadRule>();

  constructor(records: readonly MigrationRecord[]) {
    for (const record of records) {
      const rule = readRuleOf(record);
      if (!rule) continue;
      this.#byAlias.set(record.aliases.read, rule);
      // in this layout, readers use the index's own name
      if (record.layout === 'bare-index') this.#byAlias.set(record.source.index, rule);
    }
    this.active = this.#byAlias.size > 0;
  }

  find(method: string, target: string): FoundSearch | undefined {
    if (!this.active) return undefined;
    const search = searchOf(method, target);
    const rule = search && this.#byAlias.get(search.name);
    return rule && { ...search, rule };
  }
}
