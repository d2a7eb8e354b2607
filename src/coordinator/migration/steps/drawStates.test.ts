import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { DESCRIPTION, NEXT } from '../../../protocol/states.js';
import { type Guard, MOVES } from './moveGuards.js';

type DrawStates = (
  next: Readonly<Record<string, readonly string[]>>,
  description: Readonly<Record<string, string>>,
  moves: readonly { readonly title: string; readonly guards: readonly Guard[] }[],
) => string;

const root = new URL('../../../../', import.meta.url);

async function drawStates(): Promise<DrawStates> {
  const script = (await import(new URL('scripts/drawStates.js', root).href)) as { drawStates: DrawStates };
  return script.drawStates;
}

test('docs/states.md is what `npm run docs:states` draws from the table of states and the conditions of moves', async () => {
  const draw = await drawStates();
  const written = await readFile(new URL('docs/states.md', root), 'utf8');
  expect(written).toBe(draw(NEXT, DESCRIPTION, MOVES));
});

test('every state that may follow another is drawn as an arrow, and the last ones lead to the end', async () => {
  const draw = await drawStates();
  const drawn = draw({ a: ['b', 'c'], b: ['a'], c: [] }, { a: 'A.', b: 'B.', c: 'C.' }, []);
  expect(drawn.match(/^ {2}.* --> .*$/gm)).toEqual([
    '  [*] --> a',
    '  a --> b',
    '  a --> c',
    '  b --> a',
    '  c --> [*]',
  ]);
  expect(drawn).toContain('| `c` | C. | the end |');
});
