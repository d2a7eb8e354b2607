// Compares the live schema with the declared one, and lists the changes.
import type { Engine } from '../cluster/cluster.js';
import { leaves } from './analysis.js';
import { type ParameterChange, parameterVerdict, rootVerdict } from './classify.js';
import { settingChanges } from './diffSettings.js';
import { addsFields, mayComeFromDocuments, templateMappings } from './dynamicFields.js';
import { isObject, objectAt, ownValue, sameJson, textOf } from '../json/plain.js';
import type { Json, JsonObject } from '../json/jsonTypes.js';
import { isObjectField, normaliseMappings } from './normaliseMappings.js';
import type { MappingContext } from './normaliseField.js';
import { flattenSettings } from './normaliseSettings.js';
import { findProblems } from './problems.js';
import type { Verdict } from './settingRules.js';
import type { Change } from './types.js';

export interface Schema {
  readonly mappings: JsonObject;
  readonly settings: JsonObject;
}

/**
 * All differences, by path, each with the kind of plan that it needs. Not counted: other spellings, live
 * fields that documents may have added under `dynamic: true`, and undeclared live settings that operators
 * decide on (replicas, allocation, life cycle, slow logs).
 * @param options `taken`: true if the engine has accepted the declared schema, so that no change is `blocked`
 */
export function diffSchema(
  live: Schema,
  declared: Schema,
  engine: Engine,
  { taken = false }: { readonly taken?: boolean } = {},
): Change[] {
  const context = contextOf(live, declared, engine);
  const before = {
    mappings: normaliseMappings(live.mappings, context),
    settings: flattenSettings(live.settings),
  };
  const after = {
    mappings: normaliseMappings(declared.mappings, context),
    settings: flattenSettings(declared.settings),
  };
  const problems = taken ? [] : findProblems(before, after, engine);
  const fields = new FieldDiff(before.mappings, after.mappings, engine).changes();
  const kept = leaves(after.mappings.properties).map(({ path }) => path);
  const found = [...fields, ...settingChanges(before, after, { engine, kept: new Set(kept) })];
  const changes = taken ? found.map(possible) : found;
  return [
    ...changes.filter((change) => !problems.some((problem) => covers(change, problem))),
    ...problems,
  ].sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
}

/**
 * Contains the settings of both schemas: if one of them defines a default analyzer, a field with
 * `analyzer: standard` differs from a field without `analyzer`.
 */
export function contextOf(live: Schema, declared: Schema, engine: Engine): MappingContext {
  const settings = new Map([...flattenSettings(live.settings), ...flattenSettings(declared.settings)]);
  return { settings: Object.fromEntries(settings), engine };
}

function possible(change: Change): Change {
  if (change.needs !== 'blocked') return change;
  return {
    ...change,
    needs: 'new-version',
    reason: 'twindex does not know this change; the engine accepts it in a new index',
  };
}

function covers(change: Change, problem: Change): boolean {
  return problem.path === change.path || problem.path.startsWith(`${change.path}.`);
}

interface Place {
  readonly path: string;
  /** The `dynamic` that applies to fields at `path`; undefined if documents cannot add any there. */
  readonly dynamic: string | undefined;
}

class FieldDiff {
  readonly #live: JsonObject;
  readonly #declared: JsonObject;
  readonly #engine: Engine;
  readonly #templates: readonly JsonObject[];

  constructor(live: JsonObject, declared: JsonObject, engine: Engine) {
    this.#live = live;
    this.#declared = declared;
    this.#engine = engine;
    this.#templates = templateMappings(live, declared);
  }

  changes(): Change[] {
    const dynamic = textOf(this.#declared.dynamic ?? 'true');
    return [
      ...this.#root(dynamic),
      ...this.#properties(this.#live.properties, this.#declared.properties, {
        path: 'mappings.properties.',
        dynamic,
      }),
    ];
  }

  #root(dynamic: string): Change[] {
    return keysOf(this.#live, this.#declared).flatMap((parameter): Change[] => {
      if (parameter === 'properties') return [];
      const before = ownValue(this.#live, parameter);
      const after = ownValue(this.#declared, parameter);
      // with `dynamic: runtime`, documents may have added the runtime fields that are not declared
      if (parameter === 'runtime' && dynamic === 'runtime' && includesAll(before, after)) return [];
      if (sameJson(before, after)) return [];
      return [
        { path: `mappings.${parameter}`, before, after, ...rootVerdict(parameter, after, this.#engine) },
      ];
    });
  }

  #properties(live: Json | undefined, declared: Json | undefined, place: Place): Change[] {
    const [before, after] = [objectAt(live), objectAt(declared)];
    return keysOf(before, after).flatMap((name): Change[] => {
      const path = place.path + name;
      const [old, wanted] = [ownValue(before, name), ownValue(after, name)];
      if (!isObject(wanted)) return isObject(old) ? this.#removed(name, old, { ...place, path }) : [];
      if (!isObject(old)) return [newField(path, wanted, place)];
      return this.#field(old, wanted, { ...place, path });
    });
  }

  #removed(name: string, before: JsonObject, { path, dynamic }: Place): Change[] {
    if (dynamic !== undefined && addsFields(dynamic) && mayComeFromDocuments(name, before, this.#templates))
      return [];
    const reason = 'a removed field: the engine never removes a field from a mapping or an index';
    return [{ path, before, after: undefined, needs: 'new-version', reason }];
  }

  #field(before: JsonObject, after: JsonObject, { path, dynamic }: Place): Change[] {
    if (before.type !== after.type) return this.#otherType(before, after, path);
    const inner = isObjectField(after)
      ? this.#properties(before.properties, after.properties, {
          path: `${path}.properties.`,
          dynamic: dynamic === undefined ? undefined : textOf(after.dynamic ?? dynamic),
        })
      : this.#properties(before.fields, after.fields, { path: `${path}.fields.`, dynamic: undefined });
    return [...this.#parameters(before, after, path, (change) => parameterVerdict(change)), ...inner];
  }

  /**
   * The changes that come with another type: changes of parameters, because their meaning changes, and of
   * inner fields.
   */
  #otherType(before: JsonObject, after: JsonObject, path: string): Change[] {
    const types = { before: before.type, after: after.type };
    const change = { type: textOf(after.type), parameter: 'type', ...types, engine: this.#engine };
    const reason = `changes with the field type (${textOf(types.before)} -> ${textOf(types.after)})`;
    const below = { dynamic: undefined };
    return [
      { path: `${path}.type`, ...types, ...parameterVerdict(change) },
      ...this.#parameters(before, after, path, () => ({ needs: 'new-version', reason })),
      ...this.#properties(before.properties, after.properties, { path: `${path}.properties.`, ...below }),
      ...this.#properties(before.fields, after.fields, { path: `${path}.fields.`, ...below }),
    ];
  }

  #parameters(
    before: JsonObject,
    after: JsonObject,
    path: string,
    verdictOf: (change: ParameterChange) => Verdict,
  ): Change[] {
    return keysOf(before, after).flatMap((parameter): Change[] => {
      if (parameter === 'type' || parameter === 'properties' || parameter === 'fields') return [];
      const values = { before: ownValue(before, parameter), after: ownValue(after, parameter) };
      if (sameJson(values.before, values.after)) return [];
      const change = { type: textOf(after.type), parameter, ...values, engine: this.#engine };
      return [{ path: `${path}.${parameter}`, ...values, ...verdictOf(change) }];
    });
  }
}

function newField(path: string, after: JsonObject, place: Place): Change {
  const reason =
    place.dynamic === undefined
      ? 'a new sub-field: the engine adds it to a live index; existing documents get it when they are written again'
      : 'a new field: the engine adds it to a live index';
  return { path, before: undefined, after, needs: 'in-place', reason };
}

function includesAll(live: Json | undefined, declared: Json | undefined): boolean {
  const before = objectAt(live);
  return Object.entries(objectAt(declared)).every(([name, field]) => sameJson(ownValue(before, name), field));
}

function keysOf(a: JsonObject, b: JsonObject): string[] {
  return [...new Set([...Object.keys(a), ...Object.keys(b)])].sort();
}
