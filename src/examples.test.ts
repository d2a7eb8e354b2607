// Tests the comments of the public API: each part has one. Examples compile, and run if they need no engine.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import ts from 'typescript';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { plainValues } from './json/exactJson.js';
import { configSchema } from './schema/configSchema.js';
import { readIndexDefinition } from './schema/indexSchema.js';
import { readContent } from './schema/readFile.js';

const ROOT = new URL('..', import.meta.url).pathname;
const INDEX = join(ROOT, 'src/index.ts');

/** Interfaces whose keys a user writes: each key has an example, and an optional one has a default. */
const WRITTEN = [
  'ConfigInput',
  'IndexInput',
  'TwindexClientOptions',
  'ClusterOptions',
  'TwindexOptions',
  'PlanOptions',
  'PlanAllOptions',
  'MigrationOptions',
  'SteeringOptions',
  'VerifyOptions',
  'TwindexGatewayOptions',
];

/** The interface whose functions a user calls: each has an example of its own. */
const CALLED = 'Twindex';

interface Documented {
  /** For example `IndexInput.acceptance.overlapAt10`, `defineIndex`. */
  readonly name: string;
  /** For a key: the type that has it, as an expression. Undefined for an export. */
  readonly owner: string | undefined;
  readonly isOptional: boolean;
  readonly text: string;
  readonly examples: readonly string[];
  readonly hasDefault: boolean;
}

interface Example extends Documented {
  readonly code: string;
  readonly file: string;
}

const CLUSTER = { nodes: ['https://localhost:9200'] };

const options: ts.CompilerOptions = {
  ...ts.parseJsonConfigFileContent(
    ts.readConfigFile(join(ROOT, 'tsconfig.json'), (file) => ts.sys.readFile(file)).config,
    ts.sys,
    ROOT,
  ).options,
  noEmit: true,
};

const program = ts.createProgram([INDEX], options);

function documented(): Documented[] {
  const checker = program.getTypeChecker();
  const file = program.getSourceFile(INDEX);
  const module = file && checker.getSymbolAtLocation(file);
  if (!module) throw new Error(`${INDEX} is no module`);
  const describeSymbol = (symbol: ts.Symbol, name: string, owner?: string): Documented => {
    const tags = symbol.getJsDocTags(checker);
    return {
      name,
      owner,
      isOptional: (symbol.flags & ts.SymbolFlags.Optional) !== 0,
      text: ts.displayPartsToString(symbol.getDocumentationComment(checker)),
      examples: tags.filter((tag) => tag.name === 'example').map((tag) => ts.displayPartsToString(tag.text)),
      hasDefault: tags.some((tag) => tag.name === 'default'),
    };
  };
  const keysOf = (type: ts.Type, name: string, owner: string): Documented[] =>
    type
      .getProperties()
      .filter((key) => key.valueDeclaration?.getSourceFile().fileName.startsWith(join(ROOT, 'src')))
      .flatMap((key) => {
        const path = `${name}.${key.name}`;
        const own = describeSymbol(key, path, owner);
        const inner = checker.getNonNullableType(checker.getTypeOfSymbol(key));
        // inline object types; a named type is documented where it is declared
        const isWrittenHere = inner.symbol?.name === '__type' && inner.getCallSignatures().length === 0;
        const below = isWrittenHere ? keysOf(inner, path, `NonNullable<(${owner})['${key.name}']>`) : [];
        return [own, ...below];
      });
  const functionsOf = (type: ts.Type): Documented[] =>
    type
      .getProperties()
      .filter(({ name }) => /^\w+$/.test(name))
      .map((symbol) => describeSymbol(symbol, `${CALLED}.${symbol.name}`));
  return checker.getExportsOfModule(module).flatMap((exported) => {
    const symbol = exported.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(exported) : exported;
    const { name } = exported;
    const type = (): ts.Type => checker.getDeclaredTypeOfSymbol(symbol);
    const keys = WRITTEN.includes(name) ? keysOf(type(), name, name) : [];
    const functions = name === CALLED ? functionsOf(type()) : [];
    return [describeSymbol(symbol, name), ...keys, ...functions];
  });
}

/** The example of a key is put into an object of its type. */
function moduleOf({ owner }: Documented, code: string): string {
  if (owner === undefined) return code;
  const imports = `import type { ${WRITTEN.join(', ')} } from 'twindex';`;
  return `${imports}\nexport default { ${code} } satisfies Partial<${owner}>;\n`;
}

const all = documented();
const examples: readonly Example[] = all.flatMap((one) =>
  one.examples.map((code, n) => ({
    ...one,
    code: moduleOf(one, code),
    file: join(ROOT, `example-${one.name}-${n}.ts`),
  })),
);

describe('each part of the public API', () => {
  test('has a comment', () => {
    expect(all.filter(({ text }) => text === '').map(({ name }) => name)).toEqual([]);
    expect(all.length).toBeGreaterThan(50);
  });

  test('has an example, if users write it', () => {
    const written = all.filter(({ name, owner }) => owner !== undefined || /^(Twindex\.)?[a-z]/.test(name));
    expect(written.filter((one) => one.examples.length === 0).map(({ name }) => name)).toEqual([]);
  });

  test('says what happens when it is left out', () => {
    const optional = all.filter(({ owner, isOptional }) => owner !== undefined && isOptional);
    expect(optional.filter(({ hasDefault }) => !hasDefault).map(({ name }) => name)).toEqual([]);
  });
});

test('all examples compile', { timeout: 120_000 }, () => {
  const texts = new Map(examples.map(({ file, code }) => [file, code]));
  const host = ts.createCompilerHost(options);
  const onDisk = ts.createCompilerHost(options);
  host.fileExists = (file) => texts.has(file) || onDisk.fileExists(file);
  host.readFile = (file) => texts.get(file) ?? onDisk.readFile(file);
  host.getSourceFile = (file, version, ...rest) => {
    const text = texts.get(file);
    return text === undefined
      ? onDisk.getSourceFile(file, version, ...rest)
      : ts.createSourceFile(file, text, version);
  };
  const withExamples = ts.createProgram([...texts.keys()], options, host, program);
  const problems = [...texts.keys()].flatMap((file) => {
    const source = withExamples.getSourceFile(file);
    const found = [withExamples.getSyntacticDiagnostics(source), withExamples.getSemanticDiagnostics(source)];
    return found
      .flat()
      .map(({ messageText }) => `${file}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`);
  });
  expect(problems).toEqual([]);
});

describe('the example loads, and is accepted as a file of its kind', () => {
  let folder: string;
  beforeAll(async () => {
    vi.stubEnv('SEARCH_KEY', 'key')
      .stubEnv('SEARCH_PASSWORD', 'password')
      .stubEnv('SEARCH_PASSPHRASE', 'phrase');
    folder = await mkdtemp(join(tmpdir(), 'twindex-examples-'));
  });
  afterAll(async () => {
    vi.unstubAllEnvs();
    await rm(folder, { recursive: true });
  });

  // Examples with a client need an engine. tests/integration/api.test.ts runs those of `createTwindex`.
  const runnable = examples.filter(
    ({ code }) => !/from '@(elastic|opensearch-project)\/|createTwindex/.test(code),
  );

  test.each(runnable)('of $name', async (example) => {
    const file = join(folder, `${example.name}.ts`);
    await writeFile(file, example.code);
    const content = await readContent(file);
    expect(content).toMatchObject({ type: 'content' });
    if (content.type !== 'content') return;
    expect(problemsOf(fileWith(content.value, example), example)).toEqual([]);
  });
});

/** Completes a key's example with the required keys of its file. */
function fileWith(value: unknown, { name, owner }: Documented): unknown {
  if (owner === undefined) return value;
  const [type, ...path] = name.split('.');
  const nested = path.slice(0, -1).reduceRight<unknown>((inner, key) => {
    const isCluster = key === 'cluster' || key === 'source';
    if (!isCluster) return { [key]: inner };
    const stands = 'cloudId' in (inner as object) ? {} : CLUSTER; // a cloud id takes the place of nodes
    return { [key]: { ...stands, ...(inner as object) } };
  }, value) as object;
  if (type === 'ConfigInput') return { cluster: CLUSTER, indexes: ['*.ts'], ...nested };
  return type === 'IndexInput' ? { name: 'x', version: 2, ...nested } : nested;
}

function problemsOf(value: unknown, { name, code }: Example): unknown[] {
  if (name.startsWith('ConfigInput') || name === 'defineConfig') {
    return configSchema.safeParse(plainValues(value)).error?.issues ?? [];
  }
  if (!name.startsWith('IndexInput') && !code.includes('defineIndex(')) return [];
  const read = readIndexDefinition({ file: 'index.ts', value }, '/index.ts');
  return 'problems' in read ? read.problems : [];
}
