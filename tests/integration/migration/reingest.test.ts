// The route `reingest`: v2 is filled from the source of truth, and what is written to v1 meanwhile wins.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Cluster } from '../../../src/cluster/cluster.js';
import { JOURNAL, recordId } from '../../../src/protocol/names.js';
import type { Reingest, ReingestContext, ReingestDocument } from '../../../src/schema/types.js';
import { testCluster } from '../engine.js';
import { scratchFolder } from '../scratchFolder.js';
import { pathOf, PRICES, Subject } from './harness.js';

let cluster: Cluster;

beforeAll(async () => {
  cluster = await testCluster();
});

const DOCUMENTS = 2_500;

/** v1 has `d0` to `d2499`; the source of truth all but the first two, one more, and each with a price of its own. */
const given = (n: number, change: Partial<ReingestDocument> = {}): ReingestDocument => ({
  id: `d${n}`,
  source: { n, price: n + 0.75 },
  cursor: n,
  ...change,
});

async function created(reingest: Reingest): Promise<Subject> {
  const subject = await Subject.create(cluster, {
    before: { settings: { number_of_shards: 2 }, mappings: PRICES.before },
    settings: { number_of_shards: 3 },
    mappings: { ...PRICES.after, dynamic: 'strict' },
    migrations: PRICES.migrations,
    route: 'reingest',
  });
  subject.definition = { ...subject.definition, reingest };
  await subject.fill(DOCUMENTS, (n) => ({ n, price: `${n},50 EUR` }));
  return subject;
}

async function* allButTwo({ after = 1 }: Partial<ReingestContext> = {}): AsyncGenerator<ReingestDocument> {
  for (let n = (after as number) + 1; n <= DOCUMENTS; n++) yield given(n);
}

/** Something that a generator waits for, and that it has come so far. */
class Gate {
  readonly reached: Promise<void>;
  readonly opened: Promise<void>;
  arrive!: () => void;
  open!: () => void;

  constructor() {
    this.reached = new Promise((resolve) => {
      this.arrive = resolve;
    });
    this.opened = new Promise((resolve) => {
      this.open = resolve;
    });
  }
}

describe('a migration from the source of truth', () => {
  it('fills v2 with what that has, keeps what only v1 has, and lists it', async () => {
    const subject = await created(allButTwo);
    const running = subject.start('cutover');
    const { record } = await running.ended;
    expect(record.evidence.differences).toBe(0);
    expect(record.reingest).toMatchObject({
      step: 'done',
      read: DOCUMENTS - 1,
      onlyTruth: 1,
      onlySource: 2,
      onlySourceFirst: expect.arrayContaining(['d0', 'd1']) as string[],
      notCompared: DOCUMENTS - 2,
    });
    expect(running.notes.join('\n')).toMatch(
      /2 documents of .*-v1 are not in the source of truth, and are kept/,
    );
    const documents = await subject.documents(subject.target);
    expect(documents.size).toBe(DOCUMENTS + 1);
    expect(documents.get('d0')).toEqual({ n: 0, price: 0.5 });
    expect(documents.get('d2')).toEqual({ n: 2, price: 2.75 });
    expect(documents.get(`d${DOCUMENTS}`)).toEqual({ n: DOCUMENTS, price: DOCUMENTS + 0.75 });
  });

  it('leaves out what only v1 has with --prune, on the way back too', async () => {
    const subject = await created(allButTwo);
    const running = subject.start('switched', { stay: true, prune: true });
    const { record } = await subject.until('switched', ({ phase }) => phase === 'switched');
    expect(record.reingest).toMatchObject({ onlySource: 2, prune: true });
    expect(running.notes.join('\n')).toMatch(/2 documents of .*-v1 are .* are left out/);
    const documents = await subject.documents(subject.target);
    expect(documents.size).toBe(DOCUMENTS - 1);
    expect(documents.has('d0')).toBe(false);

    await subject.put('d7', { n: 7, price: 77.25 });
    await subject.put('d8', { n: 8, price: 88.25 });
    // what was not written since the switch could be one that was left out (docs/limits.md)
    await expect.poll(() => subject.sourceOf(subject.source, 'd7'), { timeout: 30_000 }).toContain('77,25');
    await subject.delete('d7');
    await subject.steer('rollback');
    const { record: back } = await subject.steer('verify');
    await running.stop();
    expect(back.evidence.differences).toBe(0);
    const old = await subject.documents(subject.source);
    expect(old.size).toBe(DOCUMENTS - 1);
    expect(old.get('d0')).toEqual({ n: 0, price: '0,50 EUR' });
    expect(old.get('d8')).toEqual({ n: 8, price: '88,25 EUR' });
    expect(old.get('d9')).toEqual({ n: 9, price: '9,50 EUR' });
    expect((await subject.documents(subject.target)).size).toBe(DOCUMENTS - 2);
  });

  it('goes there, back and there again without losing what v1 never had', async () => {
    const subject = await created(allButTwo);
    const running = subject.start('switched', { stay: true });
    await subject.until('switched', ({ phase }) => phase === 'switched');
    // changed while v2 is first: v2 counts its versions itself then
    await subject.put('d5', { n: 5, price: 55.25 });
    await subject.steer('rollback');
    await subject.delete('d5');
    await subject.delete('d6');
    await subject.steer('switch');
    await running.stop();
    const documents = await subject.documents(subject.target);
    expect(documents.has('d5')).toBe(false);
    expect(documents.has('d6')).toBe(false);
    expect(documents.get(`d${DOCUMENTS}`)).toEqual({ n: DOCUMENTS, price: DOCUMENTS + 0.75 });
    expect(documents.size).toBe(DOCUMENTS - 1);
  });

  it('gives way to what is written and deleted meanwhile, before and after a document is read', async () => {
    const gate = new Gate();
    const subject = await created(async function* () {
      for (let n = 2; n <= DOCUMENTS; n++) {
        if (n === 1_500) {
          gate.arrive();
          await gate.opened;
        }
        yield given(n);
      }
    });
    const running = subject.start('switched');
    await gate.reached;
    await subject.until('partly ingested', ({ record }) => (record.reingest?.read ?? 0) >= 1_000);
    for (const n of [10, 2_000]) await subject.put(`d${n}`, { n, price: '1000,25 EUR' });
    for (const n of [11, 2_001]) await subject.delete(`d${n}`);
    await subject.put('d0', { n: 0, price: '7,25 EUR' });
    await subject.put('new', { n: -1, price: '8,25 EUR' });
    gate.open();
    const { record } = await running.ended;
    expect(record.evidence.differences).toBe(0);
    const documents = await subject.documents(subject.target);
    for (const n of [10, 2_000]) expect(documents.get(`d${n}`)).toEqual({ n, price: 1_000.25 });
    expect(documents.has('d11')).toBe(false);
    expect(documents.get('d0')).toEqual({ n: 0, price: 7.25 });
    expect(documents.get('new')).toEqual({ n: -1, price: 8.25 });
    expect(record.reingest).toMatchObject({ onlySource: 1, onlySourceFirst: ['d1'] });
    // deleted past our writers before it was read: for all that can be known v1 never had it (docs/limits.md)
    expect(documents.has('d2001')).toBe(true);
  });

  it('goes on after the last cursor that is confirmed, when it is stopped and run again', async () => {
    const gate = new Gate();
    const asked: unknown[] = [];
    let ended = false;
    const subject = await created(async function* (context) {
      asked.push(context.after);
      try {
        for await (const document of allButTwo(context)) {
          if (asked.length === 1 && document.id === 'd2200') {
            gate.arrive();
            await gate.opened;
          }
          yield document;
        }
      } finally {
        ended = true;
      }
    });
    const first = subject.start('ready');
    await gate.reached;
    await subject.until('partly ingested', ({ record }) => (record.reingest?.read ?? 0) >= 2_000);
    const stopping = first.stop();
    gate.open();
    await stopping;
    expect(ended).toBe(true);
    const { record } = await subject.run('cutover');
    expect(asked).toEqual([undefined, expect.any(Number)]);
    expect(asked[1]).toBeGreaterThanOrEqual(1_001);
    expect(record.reingest).toMatchObject({ read: DOCUMENTS - 1, onlyTruth: 1, onlySource: 2 });
    expect((await subject.documents(subject.target)).size).toBe(DOCUMENTS + 1);
  });

  it('counts what only v1 has once, also when it is killed before that is saved', async () => {
    const subject = await created(function* () {
      yield given(2);
    });
    const more = Array.from(
      { length: 4_000 },
      (_, n) => `{"index":{"_id":"m${n}"}}\n{"n":${n},"price":"1,00 EUR"}\n`,
    );
    await subject.json('POST', `/${subject.source}/_bulk`, more.join(''));
    const first = subject.start('ready', { throttle: { maxDocsPerSecond: 1_000 } });
    await subject.until('comparing', ({ record: { reingest } }) => (reingest?.onlySource ?? 0) > 0);
    await first.stop();
    const { record: left } = await subject.status();
    expect(left.reingest).toMatchObject({ step: 'comparing', onlySource: expect.any(Number) as number });
    const reingest = { ...left.reingest, walked: [-1, -1], onlySource: 0, onlySourceFirst: [] };
    await subject.json('POST', `/${JOURNAL}/_update/${recordId(subject.name)}`, { doc: { reingest } });
    const { record } = await subject.run('cutover', { throttle: { maxDocsPerSecond: null } });
    expect(record.reingest).toMatchObject({ onlySource: DOCUMENTS + 3_999, read: 1 });
    expect(record.evidence.differences).toBe(0);
    expect(
      (await cluster.connection.json<{ count: number }>({ method: 'GET', path: `/${subject.target}/_count` }))
        .count,
    ).toBe(DOCUMENTS + 4_000);
  });

  it('keeps the newer version of a document that is given twice', async () => {
    const subject = await created(function* () {
      yield given(3, { version: 9, source: { n: 3, price: 9 } });
      yield given(4, { version: 1n, source: { n: 4, price: 1 } });
      yield given(3, { version: 8, source: { n: 3, price: 8 } });
      yield given(4, { version: 1n, source: { n: 4, price: 2 } });
      yield given(5, { routing: 'r', source: { n: 55, price: 5 } });
    });
    await subject.run('cutover');
    const documents = await subject.documents(subject.target);
    expect(documents.get('d3')).toEqual({ n: 3, price: 9 });
    expect(documents.get('d4')).toEqual({ n: 4, price: 2 });
    expect(documents.get('d5 r')).toEqual({ n: 55, price: 5 });
  });

  it('finds and mends damage to what v1 has newer, and to what is missing', async () => {
    const subject = await created(allButTwo);
    await subject.run('ready');
    await subject.put('d20', { n: 20, price: '20,25 EUR' });
    const running = subject.start('ready', { stay: true });
    await subject.until('coordinated', ({ record }) => record.holder !== null);
    await subject.steer('verify');
    await subject.json('DELETE', pathOf(subject.target, '_doc', 'd20'));
    const { record } = await subject.steer('verify');
    await running.stop();
    expect(record.evidence).toMatchObject({ differences: 1, repaired: 1 });
    expect((await subject.documents(subject.target)).get('d20')).toEqual({ n: 20, price: 20.25 });
  });
});

describe('a document of the source of truth that v2 refuses', () => {
  it('is rejected, and not replaced by an older state, until the application writes it', async () => {
    const subject = await created(function* () {
      yield given(2);
      yield given(3, { source: { n: 'three' } });
      yield given(4, { source: { n: 'four' } });
      yield { id: 'never', source: { n: 'five' } };
    });
    const running = subject.startPatient('cutover');
    const held = (count: number) =>
      subject.until(
        'held back',
        (now) => /rejected/.test(now.record.message) && now.rejected.count === count,
      );
    await held(3);
    // a few tries later
    await new Promise((resolve) => setTimeout(resolve, 4_000));
    const { rejected } = await held(3);
    expect(rejected.first.map(({ id }) => id).sort()).toEqual(['d3', 'd4', 'never']);
    expect(await subject.sourceOf(subject.target, 'd3')).toBeUndefined();
    await subject.put('d3', { n: 3, price: '3,25 EUR' });
    await subject.delete('d4');
    await held(1);
    await running.stop();
    const { record } = await subject.run('cutover', { dropRejected: true });
    expect(record.evidence.differences).toBe(0);
    const documents = await subject.documents(subject.target);
    expect(documents.get('d3')).toEqual({ n: 3, price: 3.25 });
    expect(documents.has('d4')).toBe(false);
    expect(documents.has('never')).toBe(false);
    expect(documents.size).toBe(DOCUMENTS - 1);
  });
});

describe('a source of truth that is wrong', () => {
  it.each<[string, Reingest, RegExp]>([
    ['throws', () => throwing(), /reingest of index\.ts, after document d3: no connection/],
    ['gives nothing to iterate', (() => 7) as never, /returns nothing that can be iterated/],
    ['gives no object', (() => [7]) as never, /it yields a value that is not an object \{ id, source \}/],
    ['gives no id', (() => [{ source: {} }]) as never, /id is neither a string nor a whole number/],
    ['gives no source', (() => [{ id: 'a', source: 'x' }]) as never, /document a: source is not an object/],
    [
      'gives a negative version',
      () => [given(1, { version: -1 })],
      /document d1: version -1 is not a whole number/,
    ],
    [
      'gives a version too large',
      () => [given(1, { version: 2 ** 50 })],
      /document d1: version 1125899906842624/,
    ],
    [
      'gives what JSON has no word for',
      () => [given(1, { source: { n: Number.NaN } })],
      /document d1: n is NaN/,
    ],
    [
      'gives a cursor that is none',
      () => [given(1, { cursor: 1n })],
      /document d1: cursor is not a JSON value/,
    ],
  ])('is named when it %s, and what came before stays', async (_, reingest, message) => {
    const subject = await created(reingest);
    await expect(subject.run('ready')).rejects.toThrow(message);
    const { record } = await subject.status();
    expect(record.holder).toBeNull();
    subject.definition = { ...subject.definition, reingest: allButTwo };
    expect((await subject.run('ready')).phase).toBe('ready');
  });

  it.each([true, false])('is not taken for an empty one (prune: %s)', async (prune) => {
    const subject = await created(() => []);
    await expect(subject.run('ready', { prune })).rejects.toThrow(/returned no documents/);
  });

  it.each([
    ['an id that is too long', given(1), { id: 'x'.repeat(513) }, /id is 513 bytes long/],
    ['half of a surrogate pair in its id', given(1), { id: 'a\ud800' }, /id is not valid Unicode/],
    ['an id that is empty', given(1), { id: '' }, /id is empty/],
    [
      'a number that has lost digits as its id',
      given(1),
      { id: 2 ** 60 },
      /id is neither a string nor a whole number/,
    ],
    [
      'half of a surrogate pair in its routing',
      given(1),
      { routing: '\udc00' },
      /routing is not valid Unicode/,
    ],
  ])('is named when a document of it has %s', async (_, document, wrong, message) => {
    const subject = await created(() => [{ ...document, ...wrong }]);
    await expect(subject.run('ready')).rejects.toThrow(message);
  });

  it('can be aborted without it', async () => {
    const subject = await created(() => throwing());
    await expect(subject.run('ready')).rejects.toThrow(/no connection/);
    await subject.steer('abort');
    const { phase } = await subject.run('ready');
    expect(phase).toBe('aborted');
  });
});

async function* throwing(): AsyncGenerator<ReingestDocument> {
  yield given(2);
  yield given(3);
  throw new Error('no connection');
}

describe('a file as the source of truth', () => {
  it('is read on where it was left, and demanded again when it is not named', async () => {
    const subject = await created(allButTwo);
    const file = join(await scratchFolder(), 'all.ndjson');
    const lines = Array.from({ length: DOCUMENTS - 2 }, (_, n) => {
      const { id, source } = given(n + 2);
      return JSON.stringify({ _id: id, _source: source });
    });
    await writeFile(
      file,
      [...lines, '{"_id":"x","_source":7}', '{"_id":"last","_source":{"n":1.0}}'].join('\n'),
    );
    await expect(subject.run('ready', { from: file })).rejects.toThrow(
      /all\.ndjson, line 2499: _source of document x/,
    );
    const { record: before } = await subject.status();
    expect(before.reingest).toMatchObject({ read: DOCUMENTS - 2, step: 'reading' });

    await expect(subject.run('ready')).rejects.toThrow(/was begun with --from.*--from FILE/);
    await writeFile(file, `${'x'.repeat(2_000_000)}\n`);
    await expect(subject.run('ready', { from: file })).rejects.toThrow(/is not the file .* begun with/);
    await writeFile(file, [...lines, '', '{"_id":"last","_source":{"n":1.0}}'].join('\n'));
    const { record } = await subject.run('ready', { from: file });
    expect(record.reingest).toMatchObject({ read: DOCUMENTS - 1, onlyTruth: 1, onlySource: 2 });
    expect(await subject.sourceOf(subject.target, 'last')).toBe('{"n":1.0}');
    // once it is read nobody needs it any more
    expect((await subject.run('cutover')).phase).toBe('cutover');
  });
});
