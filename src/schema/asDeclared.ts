// Compares a new index with the request that created it. Pure.
import type { Engine } from '../cluster/cluster.js';
import { printJson } from '../json/exactJson.js';
import { diffSchema, type Schema } from './diff.js';
import { flattenSettings, type FlatSettings } from './normaliseSettings.js';
import { isOperated } from './settingRules.js';
import type { Change } from './types.js';

/**
 * The differences, one line each. Not counted: additions by an index template (the plan warns about them),
 * defaults that the engine does not show, and settings that operators have changed since.
 */
export function notAsDeclared(created: Schema, declared: Schema, engine: Engine): string[] {
  const settings = flattenSettings(declared.settings);
  return diffSchema(created, declared, engine)
    .filter((change) => change.needs !== 'blocked' && isCompared(change, settings) && !isLeftOut(change))
    .map(({ path, before, after }) => `${path} is ${shown(before)}, but declared as ${shown(after)}`);
}

/**
 * Whether a difference counts. The engine also shows defaults of settings that are not declared; these do not
 * count.
 */
function isCompared({ path, after }: Change, settings: FlatSettings): boolean {
  const setting = /^settings\.(?!analysis\.|similarity\.)(.+)$/.exec(path)?.[1];
  return after !== undefined && (setting === undefined || (settings.has(setting) && !isOperated(setting)));
}

function isLeftOut({ path, before, after }: Change): boolean {
  return path.startsWith('mappings.properties.') && before === undefined && typeof after !== 'object';
}

const shown = (value: unknown): string => (value === undefined ? 'missing' : printJson(value).slice(0, 200));
