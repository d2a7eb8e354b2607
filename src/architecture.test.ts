import { expect, test } from 'vitest';

type Graph = ReadonlyMap<string, ReadonlySet<string>>;

interface Script {
  readonly readImports: () => Graph;
  readonly foldersOf: (imports: Graph) => Graph;
  readonly drawFolders: (folders: Graph) => string;
  readonly drawnFolders: () => string;
  readonly findFaults: (imports: Graph) => {
    readonly circles: string[][];
    readonly upwards: string[];
    readonly across: string[];
    readonly sameNames: string[][];
  };
}

const { readImports, foldersOf, drawFolders, drawnFolders, findFaults } = (await import(
  new URL('../scripts/architecture.js', import.meta.url).href
)) as Script;

const NO_FAULTS = { circles: [], upwards: [], across: [], sameNames: [] };

test('there are no import cycles, no imports upwards or between coordinator and writers, and each file name is unique', () => {
  expect(findFaults(readImports())).toEqual(NO_FAULTS);
});

test('docs/architecture.md has the diagram that `npm run docs:architecture` draws from the imports', () => {
  expect(drawnFolders()).toBe(drawFolders(foldersOf(readImports())));
});

const [round, mirror, record, errors] = [
  'src/coordinator/follow/round.ts',
  'src/writers/mirror/mirror.ts',
  'src/protocol/record.ts',
  'src/errors.ts',
] as const;

const graphOf = (imports: Readonly<Record<string, readonly string[]>>): Graph =>
  new Map(Object.entries(imports).map(([file, others]) => [file, new Set(others)]));

test.each([
  ['imports that run down', { [round]: [record, errors], [record]: [errors], [errors]: [] }, NO_FAULTS],
  [
    'an import that runs up',
    { [errors]: [record], [record]: [] },
    { ...NO_FAULTS, upwards: [`${errors} -> ${record}`] },
  ],
  [
    'an import from side to side, on one floor',
    { [round]: [mirror], [mirror]: [] },
    { ...NO_FAULTS, upwards: [`${round} -> ${mirror}`], across: [`${round} -> ${mirror}`] },
  ],
  [
    'a circle within a folder',
    {
      'src/a.ts': ['src/b.ts'],
      'src/b.ts': ['src/c.ts'],
      'src/c.ts': ['src/a.ts'],
      'src/d.ts': ['src/a.ts'],
    },
    { ...NO_FAULTS, circles: [['src/a.ts', 'src/b.ts', 'src/c.ts']] },
  ],
  [
    'a name that two files have',
    { 'src/json/names.ts': [], 'src/protocol/names.ts': [], 'src/cli/commands/names.ts': [] },
    { ...NO_FAULTS, sameNames: [['src/json/names.ts', 'src/protocol/names.ts']] },
  ],
])('%s', (_, imports, faults) => {
  expect(findFaults(graphOf(imports))).toEqual(faults);
});
