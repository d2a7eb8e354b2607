// Checks whether an engine created an index as it was declared. Pure.
import type { Engine } from '../cluster/cluster.js';
import { printJson } from '../json/exactJson.js';
import { diffSchema, type Schema } from './diff.js';
import { flattenSettings, type FlatSettings } from './normaliseSettings.js';
import { isOperated } from './settingRules.js';
import type { Change } from './types.js';

/**
 * Lists the differences between a new index and the request that created it. Ignored: additions of an index
 * template (the plan warns of them), defaults that the engine omits, and settings that operators have changed
 * since.
 */
export function notAsDeclared(created: Schema, declared: Schema, engine: Engine): string[] {
  const settings = flattenSettings(declared.settings);
  return diffSchema(created, declared, engine)
    .filter((change) => change.needs !== 'blocked' && isSaid(change, settings) && !isLeftOut(change))
    .map(({ path, before, after }) => `${path} is ${shown(before)}, declared is ${shown(after)}`);
}

/** False for an undeclared setting, which the engine shows with its default. */
function isSaid({ path, after }: Change, settings: FlatSettings): boolean {
  const setting = /^settings\.(?!analysis\.|similarity\.)(.+)$/.exec(path)?.[1];
  return after !== undefined && (setting === undefined || (settings.has(setting) && !isOperated(setting)));
}

function isLeftOut({ path, before, after }: Change): boolean {
  return path.startsWith('mappings.properties.') && before === undefined && typeof after !== 'object';
}

const shown = (value: unknown): string => (value === undefined ? 'missing' : printJson(value).slice(0, 200));
