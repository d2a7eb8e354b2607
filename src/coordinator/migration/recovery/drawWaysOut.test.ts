import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';

const root = new URL('../../../../', import.meta.url);

interface Script {
  readonly WAYS_OUT: readonly { readonly layout: string; readonly state: string; readonly change: string }[];
  readonly drawWaysOut: (table: unknown) => string;
}

test('docs/ways-out.md is what `npm run docs:ways-out` draws from the table', async () => {
  const { drawWaysOut, WAYS_OUT } = (await import(new URL('scripts/waysOut.js', root).href)) as Script;
  const written = await readFile(new URL('docs/ways-out.md', root), 'utf8');
  expect(written).toBe(drawWaysOut(WAYS_OUT));
});

test('no combination of a state and a change is in the table twice', async () => {
  const { WAYS_OUT } = (await import(new URL('scripts/waysOut.js', root).href)) as Script;
  const names = WAYS_OUT.map(({ layout, state, change }) => `${layout}, ${state}: ${change}`);
  expect(names).toEqual([...new Set(names)]);
});
