// Compares live and declared settings. An analysis component, or a similarity, counts as one change.
import type { Engine } from '../cluster/cluster.js';
import { analysisComponents, type Components, leaves, similarities, usedAtIndexTime } from './analysis.js';
import { sameJson } from '../json/plain.js';
import type { FlatSettings } from './normaliseSettings.js';
import type { Side } from './problems.js';
import { isOperated, SETTING_DEFAULTS, settingVerdict, type Verdict } from './settingRules.js';
import type { SettingValue } from './settingValues.js';
import type { Change } from './types.js';

interface Context {
  readonly engine: Engine;
  /**
   * The paths of the declared leaf fields. How the terms of other live fields are produced does not matter.
   */
  readonly kept: ReadonlySet<string>;
}

export function settingChanges(live: Side, declared: Side, context: Context): Change[] {
  return [
    ...plainChanges(live.settings, declared.settings, context.engine),
    ...analysisChanges(live, declared, context),
    ...similarityChanges(live.settings, declared.settings),
  ];
}

function plainChanges(live: FlatSettings, declared: FlatSettings, engine: Engine): Change[] {
  const paths = new Set([...live.keys(), ...declared.keys()]);
  return [...paths].flatMap((path): Change[] => {
    if (path.startsWith('analysis.') || path.startsWith('similarity.')) return [];
    if (!declared.has(path) && isOperated(path)) return [];
    // Elasticsearch accepts this setting for a new index, but does not show it later.
    if (path === 'number_of_routing_shards' && engine.name === 'elasticsearch' && !live.has(path)) return [];
    const before = live.get(path) ?? defaultSetting(path);
    const after = declared.get(path) ?? defaultSetting(path);
    if (sameSetting(path, before, after)) return [];
    return [{ path: `settings.${path}`, before, after, ...settingVerdict(path, engine) }];
  });
}

function defaultSetting(path: string): string | undefined {
  return Object.hasOwn(SETTING_DEFAULTS, path) ? SETTING_DEFAULTS[path] : undefined;
}

/** The engine accepts these values in any case (`async`, `ASYNC`), and returns them as they were given. */
const ANY_CASE =
  /^(translog\.durability|replication\.type|routing\.(allocation|rebalance)\.enable|(search|indexing)\.slowlog\.level)$/;

function sameSetting(path: string, a: SettingValue | undefined, b: SettingValue | undefined): boolean {
  if (ANY_CASE.test(path) && typeof a === 'string' && typeof b === 'string')
    return a.toLowerCase() === b.toLowerCase();
  return sameJson(a, b);
}

function analysisChanges(live: Side, declared: Side, { kept }: Context): Change[] {
  const [before, after] = [analysisComponents(live.settings), analysisComponents(declared.settings)];
  const existing = leaves(live.mappings.properties).filter(({ path }) => kept.has(path));
  const paths = new Set(existing.map(({ path }) => path));
  const wanted = leaves(declared.mappings.properties).filter(({ path }) => paths.has(path));
  // A file may redefine a built-in name (`default`, `filter.lowercase`), which changes the terms of fields.
  const used = new Map([...usedAtIndexTime(wanted, after), ...usedAtIndexTime(existing, before)]);
  return componentChanges(before, after, (id) => {
    const field = used.get(id);
    const path = `settings.analysis.${id}`;
    if (field === undefined) {
      return {
        path,
        needs: 'close-and-open',
        reason: 'the engine accepts analysis settings only on a closed index',
      };
    }
    const reason =
      `it produces the terms of ${field}: the engine would accept the change on a closed index, but indexed documents would keep the ` +
      'terms of the old definition';
    return { path, needs: 'new-version', reason };
  });
}

function similarityChanges(live: FlatSettings, declared: FlatSettings): Change[] {
  return componentChanges(similarities(live), similarities(declared), (id) => ({
    path: `settings.${id}`,
    needs: 'close-and-open',
    reason: 'a static setting: the engine accepts it only on a closed index',
  }));
}

function componentChanges(
  before: Components,
  after: Components,
  verdictOf: (id: string) => Verdict & { readonly path: string },
): Change[] {
  return [...new Set([...before.keys(), ...after.keys()])].flatMap((id): Change[] => {
    if (sameJson(before.get(id), after.get(id))) return [];
    const { path, needs, reason } = verdictOf(id);
    return [{ path, before: before.get(id), after: after.get(id), needs, reason }];
  });
}
