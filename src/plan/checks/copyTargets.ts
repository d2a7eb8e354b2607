// Check: `copy_to` must not name a field alias or, where `dynamic` is strict, a field that does not exist.
// Both engines would create such an index, but refuse each document that has the field with `copy_to`.
import { asList, objectAt, textOf } from '../../json/plain.js';
import type { JsonObject } from '../../json/jsonTypes.js';
import { isObjectField, normaliseMappings } from '../../schema/normaliseMappings.js';
import type { Check, Finding } from './check.js';

export const checkCopyTargets: Check = ({ definition, schema, source, target }) =>
  Promise.resolve(
    copyTargetFindings(
      target?.index ?? source?.index ?? definition.name,
      schema.mappings,
      source?.mappings ?? {},
    ),
  );

/** If the live index has the same problem, a warning is enough: no live document can have the copied field. */
export function copyTargetFindings(index: string, mappings: JsonObject, live: JsonObject): Finding[] {
  const known = new Set(problemsOf(live).map(({ text }) => text));
  return problemsOf(mappings).map(({ text, advice }) => ({
    check: 'copy-targets',
    level: known.has(text) ? 'warn' : 'block',
    message: `${text}: ${index} would refuse every document that has the copied field. ${advice}`,
  }));
}

interface Problem {
  readonly text: string;
  readonly advice: string;
}

interface Copies {
  readonly path: string;
  readonly target: string;
}

function problemsOf(declared: JsonObject): Problem[] {
  const mappings = normaliseMappings(declared);
  const copies = [...copiesOfTemplates(mappings), ...copiesIn(objectAt(mappings.properties), 'mappings')];
  return copies.flatMap((copy) => problemOf(copy, mappings) ?? []);
}

function copiesIn(properties: JsonObject, path: string): Copies[] {
  return Object.entries(properties).flatMap(([name, entry]) => {
    const field = objectAt(entry);
    const at = `${path}.properties.${name}`;
    const own = asList(field.copy_to ?? []).map((target) => ({ path: at, target: textOf(target) }));
    return [...own, ...copiesIn(objectAt(field.properties), at)];
  });
}

/** Leaves out targets such as `all_{name}`, which depend on the name of the field. */
function copiesOfTemplates(mappings: JsonObject): Copies[] {
  const templates = asList(mappings.dynamic_templates ?? []);
  return templates.flatMap((template) =>
    Object.entries(objectAt(template)).flatMap(([name, body]) =>
      asList(objectAt(objectAt(body).mapping).copy_to ?? [])
        .map((target) => ({ path: `mappings.dynamic_templates.${name}`, target: textOf(target) }))
        .filter(({ target }) => !target.includes('{')),
    ),
  );
}

function problemOf({ path, target }: Copies, mappings: JsonObject): Problem | undefined {
  const copy = `copy_to of ${path} names ${target}`;
  if (objectAt(mappings.runtime)[target] !== undefined) return undefined;
  const found = find(target, mappings);
  if (found.type === 'alias')
    return {
      text: `${copy}, which is an alias of ${found.of}`,
      advice: `Name ${found.of} instead.`,
    };
  if (found.type === 'field' || !isClosed(found.dynamic, mappings)) return undefined;
  return {
    text: `${copy}, which the mapping does not have, and dynamic is ${found.dynamic} there`,
    advice: `Declare ${target}.`,
  };
}

type Found =
  | { readonly type: 'field' }
  | { readonly type: 'alias'; readonly of: string }
  | { readonly type: 'missing'; readonly dynamic: string };

/** Finds a field by its path. A key of `properties` may contain dots, if the mapping has `subobjects: false`. */
function find(target: string, mappings: JsonObject): Found {
  let dynamic = 'true';
  let at = mappings;
  let rest = target;
  for (;;) {
    dynamic = at.dynamic === undefined ? dynamic : textOf(at.dynamic);
    const properties = objectAt(at.properties);
    const name = Object.keys(properties).find((one) => rest === one || rest.startsWith(`${one}.`));
    if (name === undefined) return { type: 'missing', dynamic };
    at = objectAt(properties[name]);
    if (at.type === 'alias') return { type: 'alias', of: textOf(at.path) };
    // Report nothing that the engine itself refuses when it creates the index: an object as target, and a path
    // below a field whose type does not allow this (`flattened` does).
    if (rest === name || !isObjectField(at)) return { type: 'field' };
    rest = rest.slice(name.length + 1);
  }
}

/**
 * True if the engine would refuse to add a field. Dynamic templates that may match the field are not taken
 * into account.
 */
function isClosed(dynamic: string, { dynamic_templates: templates }: JsonObject): boolean {
  return (
    dynamic === 'strict' || (dynamic === 'strict_allow_templates' && asList(templates ?? []).length === 0)
  );
}
