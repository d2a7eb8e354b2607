import { expect, test } from 'vitest';

type Graph = ReadonlyMap<string, ReadonlySet<string>>;

interface Script {
  readonly readImports: () => Graph;
  readonly roomsOf: (imports: Graph) => Graph;
  readonly drawRooms: (rooms: Graph) => string;
  readonly drawnRooms: () => string;
  readonly findFaults: (imports: Graph) => {
    readonly circles: string[][];
    readonly upwards: string[];
    readonly across: string[];
    readonly sameNames: string[][];
  };
}

const { readImports, roomsOf, drawRooms, drawnRooms, findFaults } = (await import(
  new URL('../scripts/architecture.js', import.meta.url).href
)) as Script;

const NO_FAULTS = { circles: [], upwards: [], across: [], sameNames: [] };

test('there are no import cycles, no imports upwards or between coordinator and writers, and each file name is unique', () => {
  expect(findFaults(readImports())).toEqual(NO_FAULTS);
});

test('docs/architecture.md has the diagram that `npm run docs:architecture` draws from the imports', () => {
  expect(drawnRooms()).toBe(drawRooms(roomsOf(readImports())));
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
    'an import from wing to wing, on one floor',
    { [round]: [mirror], [mirror]: [] },
    { ...NO_FAULTS, upwards: [`${round} -> ${mirror}`], across: [`${round} -> ${mirror}`] },
  ],
  [
    'a circle within a room',
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
