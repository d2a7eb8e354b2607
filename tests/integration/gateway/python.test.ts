// elasticsearch-py and opensearch-py, as they are, through a gateway.
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { startGateway } from '../../../src/writers/gateway/gatewayServer.js';
import { Mirror } from '../../../src/writers/mirror/mirror.js';
import { engineName, testCluster } from '../engine.js';
import { Stage } from '../mirror/stage.js';

const PACKAGE = { elasticsearch: 'elasticsearch==9.2.0', opensearch: 'opensearch-py==3.0.0' }[engineName];
const APPLICATION = join(import.meta.dirname, 'application.py');
const INSTALL_MS = 300_000;

const run = promisify(execFile);
let folder = '';
let python = '';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'twindex-python-'));
  python = join(folder, 'bin', 'python');
  await run('python3', ['-m', 'venv', folder]);
  await run(python, ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', PACKAGE]);
}, INSTALL_MS);

afterAll(() => rm(folder, { recursive: true, force: true }));

/** The same as without a gateway. */
const SEEN = {
  index: 'created',
  again: 'updated',
  update: 'updated',
  get: { n: 2, m: 'ä' },
  delete: 'deleted',
  made: ['created', 20],
  errors: {
    create: ['ConflictError', 409],
    mapping: [engineName === 'elasticsearch' ? 'BadRequestError' : 'RequestError', 400],
    get: ['NotFoundError', 404],
    delete: ['NotFoundError', 404],
    condition: ['ConflictError', 409],
  },
  bulk: [300, []],
  mixed: [2, [['create']], [409]],
  raised: ['BulkIndexError', null],
  search: ['d298', 'd299'],
  scan: 300,
};

describe(`${PACKAGE} through a gateway`, () => {
  it('sees what it would see without, while the index is idle', async () => {
    const stage = await Stage.set(await testCluster(), { mappings: { properties: { n: { type: 'long' } } } });
    await stage.save({ state: 'finalized', writers: { ...stage.record.writers, mode: 'none' } });
    expect(await runApplication(stage)).toEqual(SEEN);
    expect(await stage.documents(stage.target)).toEqual({});
  });

  it('sees the same while the index is mirrored, and both indexes have what it wrote', async () => {
    const stage = await Stage.set(await testCluster(), { mappings: { properties: { n: { type: 'long' } } } });
    expect(await runApplication(stage)).toEqual(SEEN);
    const documents = await stage.documents(stage.source);
    expect(Object.keys(documents)).toHaveLength(300);
    expect(documents).toMatchObject({ a: { n: 2, m: 'ä' }, d2: { n: -2 } });
    expect(await stage.documents(stage.target)).toEqual(documents);
  });
});

async function runApplication({ cluster, definition }: Stage): Promise<unknown> {
  const mirror = await Mirror.start({ cluster, definitions: [definition], type: 'gateway' });
  const gateway = await startGateway({ cluster, mirror, port: 0 });
  onTestFinished(() => gateway.stop());
  const { write, read } = definition.aliases;
  const { stdout } = await run(python, [APPLICATION, engineName, gateway.url, write, read]);
  return JSON.parse(stdout);
}
