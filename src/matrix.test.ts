// scripts/matrixTable.js, and the table of docs/versions.md.
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { parseSpec } from './localEngine/spec.js';

interface Row {
  readonly engine: string;
  readonly node: string;
  readonly tests: string;
  readonly passed: string;
  readonly failed: string;
  readonly skipped: string;
  readonly demo: string;
  readonly date: string;
}

interface Script {
  readonly ENGINES: readonly string[];
  readonly NODES: readonly string[];
  readonly chooseRows: (engines: readonly string[], nodes: readonly string[]) => [string, string][];
  readonly countsIn: (output: string) => object | undefined;
  readonly engineTitle: (spec: string) => string;
  readonly readRows: (page: string) => Row[];
  readonly withRow: (page: string, row: Row) => string;
}

const { ENGINES, NODES, chooseRows, countsIn, engineTitle, readRows, withRow } = (await import(
  new URL('../scripts/matrixTable.js', import.meta.url).href
)) as Script;

const read = (path: string): string => readFileSync(new URL(`../${path}`, import.meta.url), 'utf8');

const ROW: Row = {
  engine: 'OpenSearch 3.8.0',
  node: '20.20.2',
  tests: 'selection',
  passed: '90',
  failed: '0',
  skipped: '3',
  demo: 'passed',
  date: '2026-03-02',
};
const PAGE =
  'before\n\n<!-- results of the version matrix: `npm run matrix` writes them -->\n| a |\n| --- |\n<!-- end of results -->\nafter\n';

test('every engine runs on the oldest Node, and the first engine on the others', () => {
  expect(chooseRows([], [])).toEqual([
    ...ENGINES.map((engine) => [engine, NODES[0]]),
    [ENGINES[0], NODES[1]],
    [ENGINES[0], NODES[2]],
  ]);
  expect(chooseRows(['opensearch@2.19.5'], ['22', '24'])).toEqual([
    ['opensearch@2.19.5', '22'],
    ['opensearch@2.19.5', '24'],
  ]);
  expect(chooseRows([], ['24'])).toHaveLength(ENGINES.length);
});

test('a result takes the place of the earlier one of the same engine and major version of Node', () => {
  const old = { ...ROW, engine: engineTitle('elasticsearch@7.17.28') };
  const other = { ...ROW, node: '24.1.0' };
  const page = [old, other, ROW, { ...ROW, node: '20.19.0', failed: '2' }].reduce(withRow, PAGE);
  expect(readRows(page)).toEqual([{ ...ROW, node: '20.19.0', failed: '2' }, other, old]);
  expect(page).toMatch(/^before\n\n<!-- results/);
  expect(page).toMatch(/<!-- end of results -->\nafter\n$/);
  expect(() => withRow('no table', ROW)).toThrow('the page needs the lines');
});

test('the counts are those of the last line', () => {
  expect(countsIn('1 passed, 1 failed, 0 skipped\nTests\n90 passed, 0 failed, 3 skipped\n')).toEqual({
    passed: '90',
    failed: '0',
    skipped: '3',
  });
  expect(countsIn('90 passed, 0 failed, 3 skipped\nError: killed')).toBeUndefined();
});

test('docs/versions.md has results of engines of the matrix only', () => {
  const rows = readRows(read('docs/versions.md'));
  expect(rows.length).toBeGreaterThan(0);
  expect(ENGINES.map(engineTitle)).toEqual(expect.arrayContaining(rows.map(({ engine }) => engine)));
  expect(NODES).toEqual(expect.arrayContaining(rows.map(({ node }) => node.split('.')[0])));
});

test('the nightly workflow runs the engines and the versions of Node of the matrix', () => {
  for (const engine of ENGINES) expect(parseSpec(engine).explicit).toBe(true);
  const { jobs } = parse(read('.github/workflows/nightly.yml')) as {
    jobs: { matrix: { strategy: { matrix: { engine: string[]; node: string[]; include: object[] } } } };
  };
  const { engine, node, include } = jobs.matrix.strategy.matrix;
  const others = NODES.slice(1).map((one) => ({ engine: ENGINES[0], node: one }));
  expect([engine, node, include]).toEqual([ENGINES, [NODES[0]], others]);
});
