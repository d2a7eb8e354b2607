// Checks whether an engine created an index as it was declared. Pure.
import type { Engine } from '../cluster/cluster.js';
import { printJson } from '../json/exactJson.js';
import { diffSchema, type Schema } from './diff.js';
import { flattenSettings, type FlatSettings } from './normaliseSettings.js';
import { isOperated } from './settingRules.js';
import type { Change } from './types.js';

/**
 * Lists where a new index differs from the request that created it. Three kinds of differences are ignored: additions of an index
 * template (the plan warns of them), parameters that the engine leaves out because they are defaults, and settings that operators
 * change while an index is in use. The engine creates the latter as requested, so somebody has changed them since.
 */
export function notAsDeclared(created: Schema, declared: Schema, engine: Engine): string[] {
  const settings = flattenSettings(declared.settings);
  return diffSchema(created, declared, engine)
    .filter((change) => change.needs !== 'blocked' && isSaid(change, settings) && !isLeftOut(change))
    .map(({ path, before, after }) => `${path} is ${shown(before)}, declared is ${shown(after)}`);
}

/** False for a setting that is not declared: the engine shows its default as if it were. */
function isSaid({ path, after }: Change, settings: FlatSettings): boolean {
  const setting = /^settings\.(?!analysis\.|similarity\.)(.+)$/.exec(path)?.[1];
  return after !== undefined && (setting === undefined || (settings.has(setting) && !isOperated(setting)));
}

function isLeftOut({ path, before, after }: Change): boolean {
  return path.startsWith('mappings.properties.') && before === undefined && typeof after !== 'object';
}

const shown = (value: unknown): string => (value === undefined ? 'missing' : printJson(value).slice(0, 200));
