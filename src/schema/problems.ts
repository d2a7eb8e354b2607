// Finds types, parameters and analyzers in a declared schema that the engine does not know. Everything that
// the live index has counts as known.
import type { Engine } from '../cluster/cluster.js';
import { analysisComponents, type Components, leaves, references } from './analysis.js';
import { isBuiltIn } from './builtInAnalysis.js';
import { refusedParameter, refusedType } from './classify.js';
import { knowsType } from './fieldTypes.js';
import { isObject, objectAt, ownValue, textOf } from '../json/plain.js';
import type { Json, JsonObject } from '../json/jsonTypes.js';
import { nearest } from './nearestName.js';
import { isObjectField } from './normaliseMappings.js';
import type { FlatSettings } from './normaliseSettings.js';
import type { Change } from './types.js';

export interface Side {
  readonly mappings: JsonObject;
  readonly settings: FlatSettings;
}

/** @returns a `blocked` change for every declared part that the engine would refuse */
export function findProblems(live: Side, declared: Side, engine: Engine): Change[] {
  const liveFields = allFields(live.mappings.properties, 'mappings.properties.');
  const liveTypes = new Set([...liveFields.values()].map(({ type }) => type));
  const known = new Known(live, declared);
  return [
    ...[...allFields(declared.mappings.properties, 'mappings.properties.')].flatMap(([path, field]) => [
      ...typeProblems(path, field, { engine, liveTypes }),
      ...parameterProblems(path, field, objectAt(liveFields.get(path)), engine),
      ...known.analyzerProblems(path, field),
    ]),
    ...known.componentProblems(),
  ];
}

function allFields(properties: Json | undefined, prefix: string): Map<string, JsonObject> {
  const found = new Map<string, JsonObject>();
  for (const [name, field] of Object.entries(objectAt(properties))) {
    if (!isObject(field)) continue;
    found.set(prefix + name, field);
    const [inner, key] = isObjectField(field) ? [field.properties, 'properties'] : [field.fields, 'fields'];
    for (const entry of allFields(inner, `${prefix}${name}.${key}.`)) found.set(...entry);
  }
  return found;
}

interface TypeContext {
  readonly engine: Engine;
  readonly liveTypes: ReadonlySet<Json | undefined>;
}

function typeProblems(path: string, field: JsonObject, { engine, liveTypes }: TypeContext): Change[] {
  const type = textOf(field.type);
  const reason = liveTypes.has(type) ? undefined : refusedType(type, knowsType(type, engine), engine);
  return reason === undefined ? [] : [blocked(`${path}.type`, type, reason)];
}

function parameterProblems(path: string, field: JsonObject, live: JsonObject, engine: Engine): Change[] {
  return Object.entries(field).flatMap(([parameter, value]) => {
    if (['type', 'properties', 'fields'].includes(parameter) || ownValue(live, parameter) !== undefined)
      return [];
    const reason = refusedParameter(textOf(field.type), parameter, value, engine);
    return reason === undefined ? [] : [blocked(`${path}.${parameter}`, value, reason)];
  });
}

function blocked(path: string, after: Json, reason: string): Change {
  return { path, before: undefined, after, needs: 'blocked', reason };
}

class Known {
  readonly #declared: Components;
  readonly #elsewhere: ReadonlySet<string>;

  constructor(live: Side, declared: Side) {
    const liveComponents = analysisComponents(live.settings);
    this.#declared = analysisComponents(declared.settings);
    const used = [...liveComponents.values()].flatMap(references);
    for (const { field } of leaves(live.mappings.properties))
      used.push(...analysisNames(field).map(([, id]) => id));
    // if a live index uses a name without defining it, the name comes from a plugin
    this.#elsewhere = new Set(used.filter((id) => !liveComponents.has(id)));
  }

  analyzerProblems(path: string, field: JsonObject): Change[] {
    return analysisNames(field).flatMap(([parameter, id]) => this.#problem(`${path}.${parameter}`, id));
  }

  componentProblems(): Change[] {
    return [...this.#declared].flatMap(([id, component]) =>
      references(component).flatMap((used) => {
        const key = used.slice(0, used.indexOf('.'));
        return this.#problem(
          `settings.analysis.${id}.${component[key] === undefined ? 'filters' : key}`,
          used,
        );
      }),
    );
  }

  #problem(path: string, id: string): Change[] {
    if (this.#declared.has(id) || this.#elsewhere.has(id) || isBuiltIn(id)) return [];
    const [kind, name] = [id.slice(0, id.indexOf('.')), id.slice(id.indexOf('.') + 1)];
    const own = [...this.#declared.keys()].filter((other) => other.startsWith(`${kind}.`));
    const meant = nearest(
      name,
      own.map((other) => other.slice(kind.length + 1)),
    );
    const advice =
      meant === undefined ? `define it in settings.analysis.${kind}.${name}` : `did you mean ${meant}?`;
    return [blocked(path, name, `there is no ${kind.replace('_', ' ')} ${name}; ${advice}`)];
  }
}

const ANALYSIS_PARAMETERS = [
  ['analyzer', 'analyzer'],
  ['search_analyzer', 'analyzer'],
  ['search_quote_analyzer', 'analyzer'],
  ['normalizer', 'normalizer'],
] as const;

function analysisNames(field: JsonObject): [parameter: string, id: string][] {
  return ANALYSIS_PARAMETERS.flatMap(([parameter, kind]) => {
    const name = ownValue(field, parameter);
    return typeof name === 'string' ? [[parameter, `${kind}.${name}`] as [string, string]] : [];
  });
}
