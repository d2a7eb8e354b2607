// The example examples/postgres, as it stands there, with a real PostgreSQL as the source of truth.
import { readFile } from 'node:fs/promises';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import type { Cluster } from '../../../src/cluster/cluster.js';
import { loadConfig } from '../../../src/schema/load.js';
import type { IndexDefinition } from '../../../src/schema/types.js';
import type { JsonObject } from '../../../src/json/jsonTypes.js';
import { engineUrls, testCluster } from '../engine.js';
import { Subject } from './harness.js';
import { findPostgres, type PostgresServer, startPostgres } from './postgresServer.js';

const EXAMPLE = new URL('../../../examples/postgres/', import.meta.url);
const ROWS = 3_000;
/** A row of the table that v1 lacks, and two documents that the table lacks. */
const NEW = '3000';
const GONE = ['gone', 'gone too'];

const bin = findPostgres();
if (!bin) {
  if (process.env['CI']) throw new Error('the package postgresql is not installed');
  process.stderr.write('skipped: tests with PostgreSQL, the package postgresql is not installed\n');
}

let cluster: Cluster;
let postgres: PostgresServer;
let example: IndexDefinition;
let before: { settings: JsonObject; mappings: JsonObject };

beforeAll(async () => {
  if (!bin) return;
  cluster = await testCluster();
  postgres = await startPostgres(bin);
  const file = new URL('twindex.config.ts', EXAMPLE).pathname;
  const { indexes } = await loadConfig({ file, cwd: '/', env: { TWINDEX_URL: engineUrls[0] } });
  example = indexes[0] as IndexDefinition;
  before = JSON.parse(await readFile(new URL('v1.json', EXAMPLE), 'utf8')) as typeof before;
  process.env['DATABASE_URL'] = postgres.url;
}, 120_000);

afterAll(() => postgres?.stop());

const v1 = (n: number): object => ({ title: `product ${n}`, price: `${n}.00 EUR` });

interface Scene {
  readonly subject: Subject;
  /** On the table. */
  readonly table: Client;
}

async function begin(): Promise<Scene> {
  const table = new Client({ connectionString: postgres.url });
  await table.connect();
  onTestFinished(() => table.end());
  await table.query('DROP TABLE IF EXISTS product, supplier');
  await table.query(await readFile(new URL('schema.sql', EXAMPLE), 'utf8'));
  const subject = await Subject.create(cluster, {
    before: { settings: before.settings, mappings: before.mappings },
    route: 'reingest',
  });
  const { name, aliases } = subject.definition;
  subject.definition = { ...example, name, aliases };
  const lines = Array.from(
    { length: ROWS - 1 },
    (_, n) => `{"index":{"_id":"${n + 1}"}}\n${JSON.stringify(v1(n + 1))}\n`,
  );
  await subject.json('POST', `/${aliases.write}/_bulk`, lines.join(''));
  for (const id of GONE) await subject.put(id, { title: 'old', price: '9.00 EUR' });
  return { subject, table };
}

const row = (n: number): object => ({
  title: `product ${n}`,
  price: 1 + n * 0.25,
  currency: 'EUR',
  supplier: n % 2 === 0 ? 'north' : 'south',
});

describe.skipIf(!bin)('a table of PostgreSQL as the source of truth', () => {
  it('fills v2, and what is written to v1 meanwhile wins', async () => {
    const { subject, table } = await begin();
    // the rows are held until the application has written
    await table.query('BEGIN; LOCK TABLE supplier IN ACCESS EXCLUSIVE MODE');
    const running = subject.start('switched');
    await subject.until('reading', ({ record }) => record.state === 'copying');
    await subject.put('17', { title: 'written meanwhile', price: '17.25 EUR' });
    await subject.delete('18');
    await table.query(
      'UPDATE product SET price = 99, revision = 2 WHERE id = 19; DELETE FROM product WHERE id = 18; COMMIT',
    );
    await subject.put('20', { title: 'written meanwhile, too', price: '20.25 EUR' });
    const { record } = await running.ended;
    expect(record.evidence.differences).toBe(0);
    expect(record.reingest).toMatchObject({ onlyTruth: 1, onlySource: 2 });
    expect([...(record.reingest?.onlySourceFirst ?? [])].sort()).toEqual(GONE);
    expect(running.notes.join('\n')).toContain('are kept (--prune leaves them out)');
    const documents = await subject.documents(subject.target);
    expect(documents.size).toBe(ROWS - 1 + GONE.length);
    expect(documents.get('1')).toEqual(row(1));
    expect(documents.get(NEW)).toEqual(row(3_000));
    expect(documents.get('17')).toEqual({ title: 'written meanwhile', price: 17.25, currency: 'EUR' });
    expect(documents.has('18')).toBe(false);
    expect(documents.get('19')).toEqual({ ...row(19), price: 99 });
    expect(documents.get('20')).toEqual({ title: 'written meanwhile, too', price: 20.25, currency: 'EUR' });
    expect(documents.get('gone')).toEqual({ title: 'old', price: 9, currency: 'EUR' });
  });

  it('leaves out with --prune what the table does not have, and gives the old state back before the switch', async () => {
    const { subject } = await begin();
    const old = await subject.documents(subject.source);
    const running = subject.start('cutover', { prune: true, stay: true });
    await subject.until('cutover', ({ phase }) => phase === 'cutover');
    const documents = await subject.documents(subject.target);
    expect(documents.size).toBe(ROWS);
    for (const id of GONE) expect(documents.has(id)).toBe(false);
    expect(documents.get('2')).toEqual(row(2));
    await subject.steer('rollback');
    await subject.steer('abort');
    await running.ended;
    expect(await subject.documents(subject.definition.aliases.read)).toEqual(old);
  });

  it('goes on behind the last row that is in v2, when it is stopped', async () => {
    const { subject, table } = await begin();
    await table.query(
      'INSERT INTO product SELECT n, title, 1, currency, supplier_id FROM product, generate_series(10001, 40000) n WHERE product.id = 1',
    );
    const first = subject.start('ready', { throttle: { maxDocsPerSecond: 4_000 } });
    const { record: seen } = await subject.until(
      'partly read',
      ({ record }) => (record.reingest?.read ?? 0) >= 2_000,
    );
    await first.stop();
    expect(seen.reingest?.step).toBe('reading');
    const { record: left } = await subject.status();
    const { record } = await subject.run('ready', { throttle: { maxDocsPerSecond: null } });
    expect(record.reingest).toMatchObject({ read: ROWS + 30_000, onlyTruth: 30_001, onlySource: 2 });
    expect(Number(JSON.parse(left.reingest?.cursor ?? '0'))).toBeGreaterThan(1_000);
    // no connection of a run that was stopped is left
    const { rows } = await table.query<{ count: string }>(
      "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'",
    );
    expect(Number(rows[0]?.count)).toBe(0);
  });
});
