// Compares the target's mapping with the planned mapping, and the search capabilities of each field on both
// indexes (`_field_caps`).
import type { IndexRef } from '../../cluster/indexRef.js';
import { type FieldCaps, fieldCaps } from '../../cluster/indices/fieldCaps.js';
import { getIndexes } from '../../cluster/indices/getIndex.js';
import { printJson } from '../../json/exactJson.js';
import { diffSchema } from '../../schema/diff.js';
import { isObject, objectAt, ownValue, sameJson, textOf } from '../../json/plain.js';
import type { Json, JsonObject } from '../../json/jsonTypes.js';
import { normaliseMappings } from '../../schema/normaliseMappings.js';
import type { Change } from '../../schema/types.js';
import { type Declaration, type WithUndeclared, withUndeclared } from '../../schema/undeclared.js';

export interface Mapped {
  readonly source: IndexRef;
  readonly target: IndexRef;
  readonly declared: Declaration;
  /** Whether to report also fields that only the target has. An index template or a person has added them. */
  readonly extras: boolean;
}

/** @returns one line for each difference that the plan has not shown. @throws TwindexError */
export async function compareMappings({
  source,
  target,
  declared,
  extras,
}: Mapped): Promise<readonly string[]> {
  const [[before], [after], capsBefore, capsAfter] = await Promise.all([
    getIndexes(source.cluster, source.index),
    getIndexes(target.cluster, target.index),
    fieldCaps(source.cluster, source.index),
    fieldCaps(target.cluster, target.index),
  ]);
  if (!before || !after) return [];
  const { engine } = target.cluster;
  const wanted = withUndeclared(before, declared, {
    engine,
    betweenClusters: source.cluster !== target.cluster,
  });
  const announced = [...diffSchema(before, wanted.schema, engine, { taken: true }), ...wanted.dropped];
  const found = diffSchema(after, wanted.schema, engine, { taken: true }).filter((change) =>
    isUnexpected(change, extras),
  );
  const lines = found.map(({ path, before: is, after: planned }) => ({
    path,
    text: `${path} of ${target.index} is ${shown(is)}, but the plan was ${shown(planned)}`,
  }));
  const caps = capsThatDiffer(capsBefore, capsAfter, announcedFields(announced, wanted))
    // Leave out fields that are already named in a line about the mapping.
    .filter(({ name }) => !lines.some(({ path }) => namesOf(path).includes(name)))
    .map(
      ({ name, was, is }) =>
        `for searches, ${name} is ${was} on ${source.index}, but ${is} on ${target.index}`,
    );
  return [...lines.map(({ text }) => text), ...caps];
}

/** Whether to report a change. Defaults that the engine omits and parameters that it adds are not reported. */
function isUnexpected({ path, before, after, needs }: Change, extras: boolean): boolean {
  if (path.startsWith('settings.'))
    return /^settings\.(analysis|similarity)\./.test(path) && after !== undefined;
  const isField = path.startsWith('mappings.properties.');
  if (after === undefined) return extras && isField && (isFieldDefinition(before) || needs === 'in-place');
  return !(isField && before === undefined && typeof after !== 'object');
}

const isFieldDefinition = (value: Json | undefined): boolean =>
  isObject(value) && value['type'] !== undefined;

interface Announced {
  /** Full names of fields that change. Fields below a changed field count as changed. */
  readonly fields: ReadonlySet<string>;
  /** By the full name of an alias field: the field to which it points. */
  readonly aliases: ReadonlyMap<string, string>;
  readonly everything: boolean;
}

function announcedFields(changes: readonly Change[], { schema }: WithUndeclared): Announced {
  const fields = new Set<string>();
  for (const { path, before, after } of changes) {
    if (path === 'mappings.runtime' || path === 'mappings.derived') {
      const [old, wanted] = [objectAt(before), objectAt(after)];
      for (const name of [...Object.keys(old), ...Object.keys(wanted)])
        if (!sameJson(ownValue(old, name), ownValue(wanted, name))) fields.add(name);
    } else if (path.startsWith('mappings.properties.')) {
      const [whole, around] = namesOf(path);
      fields.add(isFieldDefinition(before) || isFieldDefinition(after) ? whole : around);
    }
  }
  const { properties } = normaliseMappings(schema.mappings, { settings: schema.settings });
  return {
    fields,
    aliases: aliasesIn(objectAt(properties)),
    everything: changes.some(({ path }) => path === 'mappings.subobjects' || path === 'mappings.enabled'),
  };
}

/** @returns the field name of a path, and that name without its last part, which may be a parameter */
function namesOf(path: string): readonly [field: string, owner: string] {
  const field = path.replace(/^mappings\.properties\./, '').replaceAll(/\.(properties|fields)\./g, '.');
  return [field, field.slice(0, Math.max(0, field.lastIndexOf('.')))];
}

function aliasesIn(properties: JsonObject, prefix = ''): Map<string, string> {
  const found = new Map<string, string>();
  for (const [key, field] of Object.entries(properties)) {
    if (!isObject(field)) continue;
    if (field['type'] === 'alias') found.set(prefix + key, textOf(field['path']));
    for (const inner of aliasesIn(objectAt(field['properties']), `${prefix}${key}.`)) found.set(...inner);
  }
  return found;
}

function capsThatDiffer(
  before: FieldCaps,
  after: FieldCaps,
  { fields, aliases, everything }: Announced,
): { readonly name: string; readonly was: string; readonly is: string }[] {
  if (everything) return [];
  const isAnnounced = (name: string): boolean =>
    // `_field_caps` lists the parents of a join field as `question_and_answer#question`.
    [...fields].some(
      (field) => name === field || (/^[.#]/.test(name.slice(field.length)) && name.startsWith(field)),
    );
  return [...before].flatMap(([name, was]) => {
    const is = after.get(name) ?? 'missing';
    const alias = aliases.get(name);
    const expected = was === is || isAnnounced(name) || (alias !== undefined && isAnnounced(alias));
    return expected ? [] : [{ name, was, is }];
  });
}

const shown = (value: Json | undefined): string =>
  value === undefined ? 'missing' : printJson(value).slice(0, 200);
