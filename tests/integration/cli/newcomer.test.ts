// The first quarter of an hour of a new user, with the package as npm would install it: docs/tutorial.md.
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { engineUrls, uniqueName } from '../engine.js';

const ROOT = new URL('../../../', import.meta.url);
const SCRIPT = fileURLToPath(new URL('scripts/newcomer.sh', ROOT));

const { blocksOf, commandsOf, comparable } = (await import(
  new URL('scripts/drawTutorial.js', ROOT).href
)) as {
  blocksOf: (page: string) => string[];
  commandsOf: (transcript: string) => string[];
  comparable: (text: string) => string;
};

test('a new user installs the package, and migrates an index there and back and to the end, as in the tutorial', async () => {
  const name = uniqueName('newcomer');
  const [url = ''] = engineUrls;
  const env = { ...process.env, OPTIONS: '--grace 1s', TWINDEX_URL: undefined, TWINDEX_CONFIG: undefined };
  const { stdout } = await promisify(execFile)(SCRIPT, [url, name], { env });
  const ran = commandsOf(stdout.replaceAll(name, 'books').replaceAll(url, 'http://localhost:9200'));
  const order = [
    'indexes/books.ts books-v1: readers use books-read, writers use books-write',
    // a hint shows the command as the user called it
    'next: change indexes/books.ts, and see what the change needs: npx twindex plan books',
    'books: nothing to do, books-v1 is as declared',
    'books: a new version is needed, books-v1 -> books-v2',
    '{"_index":"books-v2","_source":{"title":"The Leopard","price":12.5}}',
    '{"_index":"books-v1","_source":{"title":"The Leopard","price":"12.50"}}',
    'books: finalized',
    '{"_index":"books-v2","_source":{"title":"The Leopard","price":12.5}}',
  ];
  const said = ran.join('\n').replaceAll(/ +/g, ' ');
  let at = 0;
  for (const text of order) {
    const found = said.indexOf(text, at);
    expect(found, `${text} in:\n${said.slice(at)}`).toBeGreaterThan(-1);
    at = found + text.length;
  }
  const page = await readFile(new URL('docs/tutorial.md', ROOT), 'utf8');
  expect(ran.map(comparable), 'write the page anew: npm run docs:tutorial').toEqual(
    blocksOf(page).map(comparable),
  );
});
