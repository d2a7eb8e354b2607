import { expect, test } from 'vitest';
import { createLive, type Live } from './context.js';

const change = (live: Live, ...actions: object[]) => live.send('POST', '/_aliases', { actions });
const blocked = (text: string) => [{ level: 'block', message: expect.stringContaining(text) as string }];

test('a missing alias blocks, with the request that adds it', async () => {
  const live = await createLive();
  await change(live, { remove: { index: live.index, alias: `${live.name}-read` } });
  expect(await live.findings('aliases')).toMatchObject(
    blocked(`POST /_aliases {"actions":[{"add":{"index":"${live.index}","alias":"${live.name}-read"}}]}`),
  );
});

test('several indexes behind an alias block', async () => {
  const live = await createLive();
  await live.send('PUT', `/${live.name}-other`);
  await change(live, { add: { index: `${live.name}-other`, alias: `${live.name}-read` } });
  expect(await live.findings('aliases')).toMatchObject(
    blocked(`the alias ${live.name}-read stands for several indexes (${live.name}-other, ${live.index})`),
  );
});

test('readers on another index than the writers block', async () => {
  const live = await createLive();
  await live.send('PUT', `/${live.name}-other`);
  await change(
    live,
    { remove: { index: live.index, alias: `${live.name}-read` } },
    { add: { index: `${live.name}-other`, alias: `${live.name}-read` } },
  );
  expect(await live.findings('aliases')).toMatchObject(
    blocked(`the alias ${live.name}-read is on ${live.name}-other, but the writers use ${live.index}`),
  );
});

test('an index that has the name of an alias blocks', async () => {
  const live = await createLive();
  await change(live, { remove: { index: live.index, alias: `${live.name}-read` } });
  await live.send('PUT', `/${live.name}-read`);
  expect(await live.findings('aliases')).toMatchObject(
    blocked(`${live.name}-read is the name of another index`),
  );
});

test('a write alias that is closed for writing blocks', async () => {
  const live = await createLive();
  await change(live, { add: { index: live.index, alias: `${live.name}-write`, is_write_index: false } });
  expect(await live.findings('aliases')).toMatchObject(
    blocked(`the alias ${live.name}-write is closed for writing`),
  );
});

test('further aliases of the source are named', async () => {
  const live = await createLive();
  await change(live, { add: { index: live.index, alias: `${live.name}-cheap`, filter: { match_all: {} } } });
  expect(await live.findings('aliases')).toEqual([
    {
      check: 'aliases',
      level: 'info',
      message: `${live.index} has more aliases (${live.name}-cheap): they move with their properties at the switch of the writers.`,
    },
  ]);
});
