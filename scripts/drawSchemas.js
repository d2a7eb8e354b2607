// `npm run docs:schemas` writes JSON schemas into schemas/: of configuration and index files, for editors,
// and of the output of `twindex plan --json`, for programs. The shapes come from zod schemas, and the
// descriptions and defaults of keys in files come from the comments in src/schema/config.ts.
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { z } from 'zod';

const TYPES = fileURLToPath(new URL('../src/schema/config.ts', import.meta.url));

/** @typedef {Record<string, any>} JsonSchema */

/**
 * @param {z.ZodType} configSchema
 * @param {z.ZodType} indexSchema
 * @returns {Record<string, string>} the text of each file, by its name
 */
export function drawSchemas(configSchema, indexSchema) {
  const program = readTypes();
  const checker = program.getTypeChecker();
  const module = checker.getSymbolAtLocation(/** @type {ts.SourceFile} */ (program.getSourceFile(TYPES)));
  /** @param {string} name @param {z.ZodType} schema @param {string} title */
  const draw = (name, schema, title) => {
    const define = /** @type {ts.Symbol} */ (module && checker.tryGetMemberInModuleExports(name, module));
    // the type to describe is the type of the result of `defineIndex`, called without a type for the documents
    const [signature] = checker.getTypeOfSymbol(define).getCallSignatures();
    const type = signature.getReturnType();
    const { $schema, ...drawn } = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
    describe(drawn, type, checker, drawn.$defs);
    drawn.properties = { $schema: { type: 'string', description: 'This schema.' }, ...drawn.properties };
    return `${JSON.stringify({ $schema, title, ...drawn }, undefined, 2)}\n`;
  };
  return {
    'config.schema.json': draw('defineConfig', configSchema, 'Configuration of twindex'),
    'index.schema.json': draw('defineIndex', indexSchema, 'Index file of twindex'),
  };
}

/** @param {z.ZodType} eventSchema @returns {string} the text of events.schema.json */
export const drawEvents = (eventSchema) => drawOutput(eventSchema, 'An event of twindex (--json)');

/**
 * Programs must accept new fields of an output, so the drawn schema forbids none.
 * @param {z.ZodType} schema
 * @param {string} title
 * @returns {string} the text of the file
 */
export function drawOutput(schema, title) {
  const { $schema, ...drawn } = z.toJSONSchema(schema, {
    override: ({ jsonSchema }) => {
      if (jsonSchema.additionalProperties === false) delete jsonSchema.additionalProperties;
      if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
      if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum;
    },
  });
  return `${JSON.stringify({ $schema, title, ...drawn }, undefined, 2)}\n`;
}

/**
 * Does not load imported packages. This would take most of the time, and no key of a file has a type from a
 * package.
 */
function readTypes() {
  /** @type {ts.CompilerOptions} */
  const options = { strict: true, module: ts.ModuleKind.NodeNext, target: ts.ScriptTarget.ES2023, types: [] };
  const host = ts.createCompilerHost(options);
  host.resolveModuleNameLiterals = (imports, file) =>
    imports.map(({ text }) =>
      text.startsWith('.') ? ts.resolveModuleName(text, file, options, host) : { resolvedModule: undefined },
    );
  return ts.createProgram([TYPES], options, host);
}

/**
 * Adds the comments of a type to its schema.
 * @param {JsonSchema} schema
 * @param {ts.Type} type
 * @param {ts.TypeChecker} checker
 * @param {Record<string, JsonSchema>} [definitions] the schemas that `$ref` may name
 */
function describe(schema, type, checker, definitions = {}) {
  if (schema.maximum === Number.MAX_SAFE_INTEGER) delete schema.maximum;
  if (schema.$ref)
    describe(definitions[schema.$ref.replace('#/$defs/', '')] ?? {}, type, checker, definitions);
  for (const part of schema.anyOf ?? []) describe(part, type, checker, definitions);
  const types = (type.isUnion() ? type.types : [type]).filter((one) => one.flags & ts.TypeFlags.Object);
  for (const [name, property] of Object.entries(schema.properties ?? {})) {
    // an empty schema stands for a function, which no JSON file can contain
    if (Object.keys(property).length === 0) {
      delete schema.properties[name];
      continue;
    }
    const symbol = types.map((one) => checker.getPropertyOfType(one, name)).find(Boolean);
    if (!symbol) continue;
    const text = ts.displayPartsToString(symbol.getDocumentationComment(checker));
    const byDefault = symbol.getJsDocTags(checker).find((tag) => tag.name === 'default');
    if (text !== '') property.description = text.replaceAll(/\s*\n\s*/g, ' ').trim();
    const value = byDefault && jsonOf(ts.displayPartsToString(byDefault.text));
    if (value !== undefined) property.default = value;
    // a key that the type makes optional is not required: TWINDEX_URL, for example, can replace the addresses
    if (symbol.flags & ts.SymbolFlags.Optional && schema.required) {
      schema.required = schema.required.filter((/** @type {string} */ key) => key !== name);
    }
    describe(property, checker.getTypeOfSymbol(symbol), checker, definitions);
  }
  if (schema.required?.length === 0) delete schema.required;
  if (schema.items) {
    const items = types.map((one) => one.getNumberIndexType()).find(Boolean);
    if (items) describe(schema.items, items, checker, definitions);
  }
  if (typeof schema.additionalProperties === 'object') {
    const members = types.map((one) => one.getStringIndexType() ?? one.getNumberIndexType()).find(Boolean);
    if (members) describe(schema.additionalProperties, members, checker, definitions);
  }
}

/**
 * Reads a default in a comment as JSON.
 * @param {string} text
 * @returns {unknown} undefined if the default is not JSON, for example `<name>-read`
 */
function jsonOf(text) {
  try {
    return JSON.parse(text.trim().replaceAll("'", '"').replaceAll('_', ''));
  } catch {
    return undefined;
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { configSchema } = await import('../dist/schema/configSchema.js');
  const { indexSchema } = await import('../dist/schema/indexSchema.js');
  for (const [name, text] of Object.entries(drawSchemas(configSchema, indexSchema))) {
    writeFileSync(new URL(`../schemas/${name}`, import.meta.url), text);
  }
  const { eventSchema } = await import('../dist/cli/eventSchema.js');
  writeFileSync(new URL('../schemas/events.schema.json', import.meta.url), drawEvents(eventSchema));
  const { planReportSchema } = await import('../dist/plan/planSchema.js');
  const report = drawOutput(planReportSchema, 'Output of twindex plan --json');
  writeFileSync(new URL('../schemas/plan.schema.json', import.meta.url), report);
}
