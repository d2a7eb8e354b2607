// Whether an engine has made an index as it was told to. Pure.
import type { Engine } from '../cluster/cluster.js';
import { printJson } from '../json/exactJson.js';
import { diffSchema, type Schema } from './diff.js';
import { flattenSettings, type FlatSettings } from './normaliseSettings.js';
import { isOperated } from './settingRules.js';
import type { Change } from './types.js';

/**
 * Where a new index differs from the request that made it, one text for each place. Three differences do not count: additions of an
 * index template (the plan warns of them), parameters that the engine leaves out because they are its defaults, and settings that
 * operators change while an index is in use. The engine takes the latter as requested, so somebody has changed them since.
 */
export function notAsDeclared(created: Schema, declared: Schema, engine: Engine): string[] {
  const settings = flattenSettings(declared.settings);
  return diffSchema(created, declared, engine)
    .filter((change) => change.needs !== 'blocked' && isSaid(change, settings) && !isLeftOut(change))
    .map(({ path, before, after }) => `${path} is ${shown(before)}, declared is ${shown(after)}`);
}

/** Where a setting is not declared, the engine's default is shown as if it were. */
function isSaid({ path, after }: Change, settings: FlatSettings): boolean {
  const setting = /^settings\.(?!analysis\.|similarity\.)(.+)$/.exec(path)?.[1];
  return after !== undefined && (setting === undefined || (settings.has(setting) && !isOperated(setting)));
}

function isLeftOut({ path, before, after }: Change): boolean {
  return path.startsWith('mappings.properties.') && before === undefined && typeof after !== 'object';
}

const shown = (value: unknown): string => (value === undefined ? 'missing' : printJson(value).slice(0, 200));
