// A test of a migration on a real engine: `TWINDEX_URL=http://localhost:9200 npx vitest run books.test.ts`. It
// makes the index as it was, writes a document as the old application did, and migrates.
import { randomUUID } from 'node:crypto';
import { createTwindex, type IndexInput } from 'twindex';
import { afterEach, expect, test } from 'vitest';
import { books, booksV1 } from './books.js';

// A name of its own for each run: a run that was killed leaves nothing that disturbs the next one.
const name = `books-${randomUUID()}`;
const url = process.env['TWINDEX_URL'] ?? 'http://localhost:9200';

/** One request to the engine; any client does. */
async function send(method: string, path: string, body?: object): Promise<unknown> {
  const headers = { 'content-type': 'application/json' };
  const answer = await fetch(`${url}${path}`, { method, headers, body: body ? JSON.stringify(body) : null });
  return answer.json();
}

const open = (index: IndexInput) =>
  createTwindex({ cluster: { nodes: [url] }, indexes: [{ ...index, name }] });

afterEach(() => send('DELETE', `/${name}-v1,${name}-v2?ignore_unavailable=true`));

test('prices become numbers, there and back', async () => {
  await using before = open(booksV1);
  expect(await before.migrate(name)).toMatchObject({ outcome: 'changed', index: `${name}-v1` });
  await send('PUT', `/${name}-write/_doc/1?refresh=true`, { title: 'The Leopard', price: '9.50 EUR' });

  await using after = open(books);
  const plan = await after.plan(name, { sample: 10 });
  expect(plan).toMatchObject({ kind: 'new-version', transform: true, sample: { rejected: { count: 0 } } });

  const { migration } = await after.migrate(name, { until: 'switched', graceMs: 500 });
  expect(migration).toMatchObject({ phase: 'switched', readers: `${name}-v2`, evidence: { differences: 0 } });
  expect(await send('GET', `/${name}-read/_doc/1`)).toMatchObject({ _source: { price: 9.5 } });

  await send('PUT', `/${name}-write/_doc/2?refresh=true`, { title: 'Stoner', price: 12 });
  expect(await after.rollback(name)).toMatchObject({ readers: `${name}-v1`, writers: `${name}-v1` });
  expect(await send('GET', `/${name}-read/_doc/2`)).toMatchObject({ _source: { price: '12.00 EUR' } });
  expect(await after.abort(name)).toMatchObject({ phase: 'aborted' });
});
