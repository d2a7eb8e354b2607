// Decides whether documents in the new shape can be written back to the old index without loss. Pure.
import type { LiveIndex } from '../cluster/indices/getIndex.js';
import type { Change, IndexDefinition, Migration } from '../schema/types.js';

export interface Step extends Migration {
  /** The version after this step. */
  readonly version: number;
}

/** The steps from a live version to the declared version. A version without functions changes no documents. */
export function stepsBetween(
  { version, migrations }: Pick<IndexDefinition, 'version' | 'migrations'>,
  live: number,
): Step[] {
  const versions = Array.from({ length: Math.max(0, version - live) }, (_, step) => live + 1 + step);
  return versions.map((to) => ({ version: to, ...migrations[to] }));
}

interface Back {
  readonly definition: Pick<IndexDefinition, 'version' | 'aliases' | 'migrations'>;
  readonly live: Pick<LiveIndex, 'index' | 'mappings'>;
  readonly version: number;
  readonly changes: readonly Change[];
}

/** Why a rollback after the switch may lose data; empty if it loses nothing. */
export function rollbackLoss({ definition, live, version, changes }: Back): string[] {
  const { read, write } = definition.aliases;
  if (live.index === read || live.index === write) {
    return [`${live.index} is deleted at the switch, because its name becomes the alias`];
  }
  const steps = stepsBetween(definition, version);
  const oneWay = steps.filter(({ up, down }) => up !== undefined && down === undefined);
  if (oneWay.length > 0) {
    const versions = oneWay.map((step) => step.version).join(', ');
    const have = oneWay.length === 1 ? `version ${versions} has` : `versions ${versions} have`;
    return [`${have} \`up\` but no \`down\` (declare it in migrations)`];
  }
  // if there is a `down`, twindex assumes that the old index accepts the documents that `down` returns
  if (steps.some(({ down }) => down !== undefined)) return [];
  return changes.flatMap((change) => refusal(change, live));
}

const TEXTS = new Set(['text', 'keyword', 'wildcard', 'match_only_text', 'search_as_you_type']);
const OBJECTS = new Set(['object', 'nested', 'flattened', 'flat_object', 'join', 'geo_point', 'geo_shape']);
const FRACTIONS = new Set(['double', 'float', 'half_float', 'scaled_float']);
const NUMBERS_BY_RANGE = ['byte', 'short', 'integer', 'long', 'unsigned_long'];

/** Why the old index could refuse a document that the new index accepts; empty if it could not. */
function refusal({ path, before, after }: Change, live: Back['live']): string[] {
  const isType = path.startsWith('mappings.') && path.endsWith('.type');
  if (isType && typeof before === 'string' && typeof after === 'string') {
    return takesAll(before, after)
      ? []
      : [
          `${live.index} may refuse values that a field of type ${after} accepts (${fieldOf(path)} is ${before} there)`,
        ];
  }
  if (isType || !path.startsWith('mappings.properties.') || before !== undefined) return [];
  const strict = live.mappings['dynamic'] === 'strict';
  return strict ? [`${live.index} has \`dynamic: strict\` and refuses the new field ${fieldOf(path)}`] : [];
}

function takesAll(old: string, now: string): boolean {
  if (old === now) return true;
  if (TEXTS.has(old)) return !OBJECTS.has(now);
  const numeric = (type: string) => FRACTIONS.has(type) || NUMBERS_BY_RANGE.includes(type);
  if (FRACTIONS.has(old)) return numeric(now) && old !== 'half_float';
  if (NUMBERS_BY_RANGE.includes(old)) {
    return (
      NUMBERS_BY_RANGE.includes(now) &&
      NUMBERS_BY_RANGE.indexOf(now) <= NUMBERS_BY_RANGE.indexOf(old) &&
      old !== 'unsigned_long'
    );
  }
  return old === 'date_nanos'
    ? false
    : old === 'object' && now === 'nested'
      ? true
      : old === 'nested' && now === 'object';
}

const fieldOf = (path: string): string => fieldNameOf(path.replace(/\.type$/, ''));

/** For example `author.name` for `mappings.properties.author.properties.name`. */
export function fieldNameOf(path: string): string {
  return path.replace(/^mappings\./, '').replace(/(^|\.)(properties|fields)\./g, '$1');
}
