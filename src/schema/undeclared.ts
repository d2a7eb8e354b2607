// Finds fields of a live index that its index file does not mention, and settings that operators change. A
// new version keeps both, so that nothing is lost silently. Pure.
import type { Engine } from '../cluster/cluster.js';
import { ANALYSED, analysisComponents, reachable, similarities } from './analysis.js';
import { contextOf, type Schema } from './diff.js';
import { addsFields } from './dynamicFields.js';
import { isObject, objectAt, ownValue, sameJson, textOf } from '../json/plain.js';
import type { Json, JsonObject } from '../json/jsonTypes.js';
import { isObjectField, normaliseMappings } from './normaliseMappings.js';
import { collectSettings, declaredSettings, flattenSettings } from './normaliseSettings.js';
import { isOperated, SETTING_DEFAULTS, settingVerdict } from './settingRules.js';
import type { Change, IndexDefinition } from './types.js';

export type Declaration = Pick<IndexDefinition, 'settings' | 'mappings' | 'undeclaredFields'>;

interface KeptField {
  /** For example `author.name`, `title.keyword`. */
  readonly name: string;
  readonly type: string;
}

export interface Kept {
  /** Leaf fields, runtime fields, and sub-fields of declared fields. A kept field includes its sub-fields. */
  readonly fields: readonly KeptField[];
  /** By full name (`index.priority`), without settings that only repeat a default. */
  readonly settings: JsonObject;
}

export interface WithUndeclared {
  /** The declared schema together with the kept parts. */
  readonly schema: Schema;
  readonly kept: Kept;
  /** The parts of the live index that a new index would lose, as changes. A change in place keeps them. */
  readonly dropped: readonly Change[];
}

export interface Surroundings {
  /** The engine of the new index. */
  readonly engine: Engine;
  /** True if the new index is in another cluster, whose nodes the live allocation filters do not name. */
  readonly betweenClusters?: boolean;
}

/**
 * Adds to the declared schema these live parts that it does not mention: fields (not with
 * `undeclaredFields: 'dynamic'`), the analysis settings that the fields need, and settings that operators change.
 * All other parts return to their defaults, which the plan shows as changes.
 */
export function withUndeclared(
  live: Schema,
  declared: Declaration,
  { engine, betweenClusters = false }: Surroundings,
): WithUndeclared {
  const found = new UndeclaredFields(live, declared, engine);
  const mappings = found.merged();
  const analysis = neededAnalysis(live.settings, declared.settings, found.definitions);
  const { kept, dropped } = operatedSettings(live.settings, declared.settings, { engine, betweenClusters });
  const settings = { ...analysis, ...kept };
  return {
    schema: {
      mappings,
      settings:
        Object.keys(settings).length === 0
          ? declared.settings
          : { ...settings, ...declaredSettings(declared.settings) },
    },
    kept: {
      fields: found.names,
      settings: Object.fromEntries(
        Object.entries(settings).filter(([name, value]) => !isDefault(name, value)),
      ),
    },
    dropped: [...found.dropped, ...dropped],
  };
}

interface Undeclared {
  /** The full name, for example `author.name`. */
  readonly name: string;
  /** The path in a change: `mappings.properties.author.properties.name`. */
  readonly path: string;
  readonly field: JsonObject;
  /** For a sub-field: the name of the field that it belongs to. */
  readonly parent?: string;
  /** The effective `dynamic` of the enclosing object; `none` for a sub-field. */
  readonly dynamic: string;
}

/** The engines refuse `fields` in these types. */
const WITHOUT_SUB_FIELDS = new Set(['alias', 'flattened', 'flat_object', 'join', 'percolator']);
const takesSubFields = (field: JsonObject): boolean =>
  !isObjectField(field) && !WITHOUT_SUB_FIELDS.has(textOf(field['type']));

class UndeclaredFields {
  readonly dropped: Change[] = [];
  readonly #raw: JsonObject;
  readonly #declared: ReadonlyMap<string, JsonObject>;
  readonly #mappings: JsonObject;
  readonly #kept: Undeclared[] = [];
  readonly #runtime: JsonObject;

  constructor(live: Schema, { mappings, settings, undeclaredFields = 'keep' }: Declaration, engine: Engine) {
    const context = contextOf(live, { mappings, settings }, engine);
    const normalised = normaliseMappings(mappings, context);
    this.#raw = mappings;
    this.#mappings = normalised;
    this.#declared = fieldsByName(normalised.properties);
    const found = this.#find(live.mappings.properties, {
      prefix: '',
      path: 'mappings.properties.',
      dynamic: textOf(normalised.dynamic ?? 'true'),
      isFlat: textOf(normalised.subobjects) === 'false',
    });
    if (undeclaredFields === 'dynamic') {
      this.#runtime = {};
      this.dropped.push(...found.map(leftToDynamic));
      return;
    }
    this.#runtime = engine.name === 'opensearch' ? {} : this.#undeclaredRuntime(live.mappings);
    const names = new Set([
      ...this.#declared.keys(),
      ...found.flatMap(({ name, field }) => [...namesIn(name, field)]),
    ]);
    for (const one of found) {
      const gone = one.field['type'] === 'alias' && !names.has(textOf(one.field['path']));
      if (gone) this.dropped.push(aliasToNothing(one));
      else this.#kept.push(one);
    }
  }

  get definitions(): readonly JsonObject[] {
    return this.#kept.map(({ field }) => field);
  }

  get names(): KeptField[] {
    const runtime = Object.entries(this.#runtime).map(([name, field]) => ({
      name,
      type: `runtime ${textOf(objectAt(field)['type'])}`,
    }));
    return [...this.#kept.flatMap(({ name, field }) => leavesOf(name, field)), ...runtime];
  }

  merged(): JsonObject {
    if (this.#kept.length === 0 && Object.keys(this.#runtime).length === 0) return this.#raw;
    const properties = this.#kept.reduce((before, { name, field, parent }) => {
      if (parent === undefined) return changeField(before, name, () => field);
      const sub = name.slice(parent.length + 1);
      return changeField(before, parent, (around) => ({
        ...around,
        fields: { ...objectAt(around?.['fields']), [sub]: field },
      }));
    }, objectAt(this.#raw['properties']));
    return {
      ...this.#raw,
      properties,
      ...(Object.keys(this.#runtime).length > 0
        ? { runtime: { ...this.#runtime, ...objectAt(this.#raw['runtime']) } }
        : {}),
    };
  }

  #find(
    properties: Json | undefined,
    around: {
      readonly prefix: string;
      readonly path: string;
      readonly dynamic: string;
      /** Whether the declared object has `subobjects: false`, so that it may have both `a` and `a.b` as leaves. */
      readonly isFlat: boolean;
    },
  ): Undeclared[] {
    return Object.entries(objectAt(properties)).flatMap(([key, field]): Undeclared[] => {
      if (!isObject(field)) return [];
      const name = around.prefix + key;
      const path = around.path + key;
      const { dynamic } = around;
      const declared = this.#declared.get(name);
      if (!declared) {
        const leaf = around.isFlat ? undefined : this.#leafAround(name);
        if (leaf === undefined) return [{ name, path, field, dynamic }];
        this.dropped.push(insideLeaf(leaf, path, field));
        return [];
      }
      if (isObjectField(field)) {
        if (!isObjectField(declared)) return [];
        if (textOf(declared['enabled']) === 'false') {
          this.dropped.push(
            ...Object.entries(objectAt(field['properties'])).map(([inner, entry]) =>
              notParsed(name, `${path}.properties.${inner}`, entry),
            ),
          );
          return [];
        }
        const inside = {
          prefix: `${name}.`,
          path: `${path}.properties.`,
          dynamic: textOf(declared['dynamic'] ?? dynamic),
          isFlat: around.isFlat || textOf(declared['subobjects']) === 'false',
        };
        return this.#find(field['properties'], inside);
      }
      if (!takesSubFields(declared)) return [];
      return Object.entries(objectAt(field['fields'])).flatMap(([sub, entry]): Undeclared[] =>
        isObject(entry) && ownValue(objectAt(declared['fields']), sub) === undefined
          ? [
              {
                name: `${name}.${sub}`,
                path: `${path}.fields.${sub}`,
                field: entry,
                parent: name,
                dynamic: 'none',
              },
            ]
          : [],
      );
    });
  }

  /** @returns `a` for the name `a.b`, if `a` is declared as a leaf */
  #leafAround(name: string): string | undefined {
    for (let dot = name.indexOf('.'); dot > 0; dot = name.indexOf('.', dot + 1)) {
      const around = this.#declared.get(name.slice(0, dot));
      if (around && !isObjectField(around)) return name.slice(0, dot);
    }
    return undefined;
  }

  /**
   * The undeclared runtime fields. Fields that are now declared in the mapping are left out, since a runtime
   * field of the same name would hide them.
   */
  #undeclaredRuntime({ runtime, properties }: JsonObject): JsonObject {
    const live = fieldsByName(properties);
    const entries = Object.entries(objectAt(runtime)).filter(
      ([name]) =>
        ownValue(objectAt(this.#mappings['runtime']), name) === undefined &&
        (!this.#declared.has(name) || live.has(name)),
    );
    return Object.fromEntries(entries);
  }
}

/** Objects and leaf fields by their full names. */
function fieldsByName(properties: Json | undefined, prefix = ''): Map<string, JsonObject> {
  const found = new Map<string, JsonObject>();
  for (const [key, field] of Object.entries(objectAt(properties))) {
    if (!isObject(field)) continue;
    found.set(prefix + key, field);
    for (const inner of fieldsByName(field['properties'], `${prefix}${key}.`)) found.set(...inner);
  }
  return found;
}

function* namesIn(name: string, field: JsonObject): Iterable<string> {
  yield name;
  for (const inner of ['properties', 'fields'])
    for (const [key, entry] of Object.entries(objectAt(field[inner])))
      if (isObject(entry)) yield* namesIn(`${name}.${key}`, entry);
}

function leavesOf(name: string, field: JsonObject): KeptField[] {
  const inner = Object.entries(objectAt(field['properties']));
  if (!isObjectField(field) || inner.length === 0) return [{ name, type: textOf(field['type'] ?? 'object') }];
  return inner.flatMap(([key, entry]) => (isObject(entry) ? leavesOf(`${name}.${key}`, entry) : []));
}

/** Changes or adds the field with this full name. Names may be nested or dotted. */
function changeField(
  properties: JsonObject,
  name: string,
  change: (field: JsonObject | undefined) => JsonObject,
): JsonObject {
  const around = Object.keys(properties)
    .filter((key) => key === name || (name.startsWith(`${key}.`) && isObjectField(objectAt(properties[key]))))
    .sort((a, b) => b.length - a.length)[0];
  if (around === undefined) return { ...properties, [name]: change(undefined) };
  const field = objectAt(properties[around]);
  if (around === name) return { ...properties, [name]: change(field) };
  const inner = changeField(objectAt(field['properties']), name.slice(around.length + 1), change);
  return { ...properties, [around]: { ...field, properties: inner } };
}

/** A live field that the new index does not have. */
const lost = (path: string, before: Json, reason: string): Change => ({
  path,
  before,
  after: undefined,
  needs: 'new-version',
  reason,
});

const leftToDynamic = ({ path, field, dynamic }: Undeclared): Change =>
  lost(path, field, dynamicReason(dynamic));

function dynamicReason(dynamic: string): string {
  const because = "(it is not declared, and undeclaredFields is 'dynamic')";
  if (dynamic === 'none') return `the new index does not have this sub-field ${because}`;
  if (dynamic === 'runtime')
    return `the engine makes a runtime field of it, with the type of the first value ${because}`;
  if (addsFields(dynamic)) return `the engine maps it again, by its first value ${because}`;
  return dynamic === 'strict'
    ? `the new index is strict, and refuses documents with this field ${because}`
    : `the new index stores it, but can't search it ${because}`;
}

const aliasToNothing = ({ path, field }: Undeclared): Change =>
  lost(path, field, `the field of this alias, ${textOf(field['path'])}, is not in the new mapping`);

const insideLeaf = (leaf: string, path: string, before: Json): Change =>
  lost(
    path,
    before,
    `${leaf} is declared as a field with values, so it can contain no other field without subobjects: false`,
  );

const notParsed = (object: string, path: string, before: Json): Change =>
  lost(path, before, `${object} is declared with enabled: false, so nothing in it can be searched`);

const ANALYSIS_OF_FIELDS = [
  ['analyzer', 'analyzer'],
  ['search_analyzer', 'analyzer'],
  ['search_quote_analyzer', 'analyzer'],
  ['normalizer', 'normalizer'],
] as const;

/** The engines refuse n-grams and shingles beyond these limits. */
const LIMITS_OF_ANALYSIS = ['index.max_ngram_diff', 'index.max_shingle_diff'];

/** Undeclared analysis and similarity settings of the live index that kept fields use, with their limits. */
function neededAnalysis(live: JsonObject, declared: JsonObject, fields: readonly JsonObject[]): JsonObject {
  const [before, after] = [flattenSettings(live), flattenSettings(declared)];
  const [components, own] = [analysisComponents(before), analysisComponents(after)];
  const scores = similarities(after);
  const all = fields.flatMap(everyField);
  const named = all.flatMap((field) => [
    ...ANALYSIS_OF_FIELDS.flatMap(([parameter, kind]) => {
      const name = ownValue(field, parameter);
      return typeof name === 'string' ? [`${kind}.${name}`] : [];
    }),
    ...defaultAnalysis(field),
  ]);
  const kept = [...reachable(named, components)].filter((id) => components.has(id) && !own.has(id));
  const needed = [
    ...kept.map((id) => `index.analysis.${id}.`),
    ...(kept.length > 0 ? LIMITS_OF_ANALYSIS : []),
    ...all
      .flatMap((field) => similarityOf(field) ?? [])
      .filter((id) => !scores.has(id))
      .map((id) => `index.${id}.`),
  ];
  const mentioned = declaredSettings(declared);
  return Object.fromEntries(
    Object.entries(declaredSettings(live)).filter(
      ([name]) => needed.some((prefix) => name.startsWith(prefix)) && !isMentioned(mentioned, name),
    ),
  );
}

/** The default analyzers of a text field that names none. The engine may show `analyzer: default` for it. */
function defaultAnalysis(field: JsonObject): string[] {
  if (!ANALYSED.test(textOf(field['type'])) || textOf(field['analyzer'] ?? 'default') !== 'default')
    return [];
  const isSearched = ownValue(field, 'search_analyzer') === undefined;
  return [
    'analyzer.default',
    ...(isSearched ? ['analyzer.default_search', 'analyzer.default_search_quote'] : []),
  ];
}

/** @returns undefined for a field whose hits are not scored by the index's similarity */
function similarityOf(field: JsonObject): string | undefined {
  const named = ownValue(field, 'similarity');
  if (named !== undefined) return `similarity.${textOf(named)}`;
  const type = textOf(field['type']);
  return type === 'keyword' || ANALYSED.test(type) ? 'similarity.default' : undefined;
}

/** True if the file mentions the setting or a group around it, such as `index.analysis: null`. */
function isMentioned(mentioned: JsonObject, name: string): boolean {
  return Object.keys(mentioned).some((one) => `${name}.`.startsWith(`${one}.`));
}

function everyField(field: JsonObject): JsonObject[] {
  const inner = [
    ...Object.values(objectAt(field['properties'])),
    ...Object.values(objectAt(field['fields'])),
  ];
  return [field, ...inner.filter(isObject).flatMap(everyField)];
}

interface Operated {
  readonly kept: JsonObject;
  readonly dropped: readonly Change[];
}

/** Limits that the live mapping may need. With the default limits, the engine might refuse the mapping. */
const isLimit = (path: string): boolean => /^mapping\..+\.limit$/.test(path);

function operatedSettings(
  live: JsonObject,
  declared: JsonObject,
  surroundings: Required<Surroundings>,
): Operated {
  const said = flattenSettings(live);
  const own = collectSettings(declared);
  const kept: Record<string, Json> = {};
  const dropped: Change[] = [];
  const mentioned = declaredSettings(declared);
  for (const [name, value] of Object.entries(declaredSettings(live))) {
    const path = name.slice('index.'.length);
    if (!said.has(path) || isMentioned(mentioned, name) || !(isOperated(path) || isLimit(path))) continue;
    const reason = whyDropped(path, textOf(value), { live: said, own, ...surroundings });
    if (reason === undefined) kept[name] = value;
    else if (reason !== '')
      dropped.push({
        path: `settings.${path}`,
        before: value,
        after: SETTING_DEFAULTS[path],
        needs: 'new-version',
        reason,
      });
  }
  if (getsTiers(live, surroundings) && textOf(mentioned[`index.${TIERS}`] ?? '') === '')
    dropped.push({
      path: `settings.${TIERS}`,
      before: undefined,
      after: 'data_content',
      needs: 'new-version',
      reason:
        'the engine sets this on each new index, but the live index does not have it: the new index goes only to nodes with the role data_content ' +
        'or data. No index can be created without it; set it to null on the new index after it is created',
    });
  return { kept, dropped };
}

const TIERS = 'routing.allocation.include._tier_preference';

/** True if the engine would set a tier preference on the new index that the live index does not have. */
function getsTiers(live: JsonObject, { engine, betweenClusters }: Required<Surroundings>): boolean {
  if (engine.name !== 'elasticsearch' || betweenClusters) return false;
  const all = collectSettings(live);
  // only an engine writes a uuid; without one, these are not the settings of a live index
  return all.has('uuid') && !all.has(TIERS);
}

interface SettingContext extends Required<Surroundings> {
  readonly live: ReadonlyMap<string, unknown>;
  readonly own: ReadonlyMap<string, unknown>;
}

/**
 * Why a new index does not get a setting of the live one.
 * @returns undefined if it gets the setting; an empty text if it does not, but the plan need not mention it
 */
function whyDropped(
  path: string,
  value: string,
  { live, own, engine, betweenClusters }: SettingContext,
): string | undefined {
  if (/^(lifecycle|plugins\.index_state_management|opendistro\.index_state_management)\./.test(path))
    return (
      'a lifecycle policy: it might roll over, shrink, move or delete the new index while it is being filled. Apply the policy ' +
      'to the new index when the migration is over'
    );
  if (/^(plugins|opendistro)\./.test(path))
    return 'a setting of a plugin, which may be meant for this one index. Declare it if the new index should have it';
  const { needs, reason } = settingVerdict(path, engine);
  if (needs === 'blocked') return reason;
  if (path.startsWith('routing.') && betweenClusters)
    return 'it names nodes of the other cluster, or their attributes';
  if (path === 'soft_deletes.enabled')
    return value === 'true' ? '' : 'engines no longer create indexes without soft deletes';
  const [, which] = /^(?:auto_expand|number_of)(_search)?_replicas$/.exec(path) ?? [];
  const [fixed, expanding] = [`number_of${which ?? ''}_replicas`, `auto_expand${which ?? ''}_replicas`];
  if (path === expanding && own.has(fixed))
    return value === 'false' ? '' : `the index file declares ${fixed}`;
  if (path === fixed && (own.get(expanding) ?? 'false') !== 'false') return '';
  if (
    path === 'number_of_routing_shards' &&
    (own.get('number_of_shards') ?? '1') !== live.get('number_of_shards')
  )
    return 'the new index has another number of shards, which decides how it can be split';
  return undefined;
}

function isDefault(name: string, value: Json): boolean {
  return sameJson(textOf(value), SETTING_DEFAULTS[name.slice('index.'.length)]);
}
