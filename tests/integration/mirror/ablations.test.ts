// Guards of documents of two shapes, taken out one at a time: without it a document is stored wrongly, and answered with success.
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { PreparedWrite } from '../../../src/writers/mirror/document/preparedWrite.js';
import type { MigrationRecord } from '../../../src/protocol/record.js';
import { testCluster } from '../engine.js';
import { Stage, type StageOptions } from './stage.js';

const out = new Set<'the base of an update' | 'waiting until prepared'>();

vi.mock('../../../src/writers/mirror/document/basedUpdate.js', async (importOriginal) => {
  const real = await importOriginal<typeof import('../../../src/writers/mirror/document/basedUpdate.js')>();
  const needsBase = (prepared: PreparedWrite): boolean =>
    !out.has('the base of an update') && real.needsBase(prepared);
  return { ...real, needsBase };
});

vi.mock('../../../src/protocol/writerRoles.js', async (importOriginal) => {
  const real = await importOriginal<typeof import('../../../src/protocol/writerRoles.js')>();
  const writersPhase: typeof real.writersPhase = (record: MigrationRecord | undefined) => {
    const phase = real.writersPhase(record);
    return out.has('waiting until prepared') && phase.type === 'unprepared' ? { type: 'idle' } : phase;
  };
  return { ...real, writersPhase };
});

const PRICES = {
  mappings: { dynamic: false },
  migrations: {
    2: {
      up: (doc) => ({ ...doc, price: Number(doc['price']) }),
      down: ({ extra: _extra, ...doc }) => ({ ...doc, price: Number(doc['price']).toFixed(2) }),
    },
  },
} satisfies StageOptions;
const OLD = { 'x-twindex-version': '1' };
const NEW = { 'x-twindex-version': '2' };

afterEach(() => out.clear());

describe('what a guard is needed for', () => {
  it.each([false, true])('an update keeps what only v2 has (guard taken out: %s)', async (isOut) => {
    const stage = await Stage.set(await testCluster(), PRICES);
    const writer = await stage.writer();
    const { write } = stage.definition.aliases;
    await writer.send('PUT', `/${write}/_doc/a`, { n: 1, price: 7.5, extra: 'E' }, NEW);
    if (isOut) out.add('the base of an update');
    const { status } = await writer.send('POST', `/${write}/_update/a`, { doc: { n: 2 } }, OLD);
    expect(status).toBe(200);
    const document = (await stage.get(stage.target, 'a'))._source;
    expect(document).toEqual({ n: 2, price: 7.5, ...(isOut ? {} : { extra: 'E' }) });
  });

  it.each([false, true])(
    'after the switch, a write of the old shape waits until both indexes can be written (guard taken out: %s)',
    async (isOut) => {
      if (isOut) out.add('waiting until prepared');
      const stage = await Stage.set(await testCluster(), {
        ...PRICES,
        record: { writers: { mode: 'none', generation: 0, pruned: 0, version: 1, moves: 0 } },
      });
      await stage.exchange();
      const writer = await stage.writer({ holdMs: 400 });
      const path = `/${stage.definition.aliases.write}/_doc/a`;
      const { status } = await writer.send('PUT', path, { price: '0.50' });
      const stored = (await stage.documents(stage.target))['a'];
      expect([status, stored]).toEqual(isOut ? [201, { price: '0.50' }] : [503, undefined]);
    },
  );
});
