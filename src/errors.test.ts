// Raises every error code, as it happens to a user, and compares it with its section in docs/errors.md.
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable, Writable } from 'node:stream';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { CODES_OF_ENGINES, type CodeOfEngines, madeIn, raised } from '../tests/errorCodes.js';
import { type Front, type FrontOptions, makeCertificates, startFront } from '../tests/front.js';
import { testRecord } from '../tests/testRecord.js';
import { blocked, requireFresh, needsWayBack } from './api/executePlan.js';
import { choose } from './cli/rejectedChoice.js';
import { run } from './cli/run.js';
import { errorText } from './cli/text/errorText.js';
import { connect } from './cluster/cluster.js';
import { connectProblem } from './cluster/connectProblem.js';
import type { ClusterOptions } from './cluster/clusterOptions.js';
import { Connection } from './cluster/connection.js';
import { toTwindexError } from './cluster/engineErrors.js';
import { stoppedError, stopMessage } from './coordinator/migration/gate.js';
import { whyNotSame } from './coordinator/migration/runMigration.js';
import { errorOf } from './coordinator/migration/steering/sendCommand.js';
import { readLine } from './coordinator/reingest/ndjson.js';
import { parseDuration } from './duration.js';
import { ERROR_CODES, type ErrorCode, partsOf, redact, TwindexError } from './errors.js';
import { leaseHeld } from './journal/lease.js';
import { obtainDistribution } from './localEngine/distribution.js';
import { parseSpec } from './localEngine/spec.js';
import type { Plan } from './plan/decidePlan.js';
import { readRecord } from './protocol/record.js';
import { loadConfig } from './schema/load.js';
import type { IndexDefinition } from './schema/types.js';

const opened: { close(): unknown }[] = [];
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'twindex-errors-'));
  await chmod(folder, 0o755);
});
afterAll(async () => await rm(folder, { recursive: true }));
afterEach(async () => {
  vi.unstubAllEnvs();
  await Promise.all(opened.splice(0).map((one) => one.close()));
});

async function front(options: FrontOptions = {}): Promise<Front> {
  const started = await startFront(options);
  opened.push(started);
  return started;
}

async function listener(onConnection: Parameters<typeof createServer>[1]): Promise<string> {
  const server: Server = createServer(onConnection);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  opened.push(server);
  return `http://127.0.0.1:${(server.address() as { port: number }).port}`;
}

async function deadUrl(): Promise<string> {
  const stopped = await startFront({});
  await stopped.close();
  return stopped.url;
}

const FROM_FILE = {
  nodes: 'cluster.nodes (twindex.config.ts)',
  auth: 'cluster.auth (twindex.config.ts)',
  caFile: 'cluster.caFile (twindex.config.ts)',
};

/** The first contact of a command with its cluster. */
const contact = async (url: string, options: Partial<ClusterOptions> = {}): Promise<unknown> =>
  await connect(
    { nodes: [url], requestTimeoutMs: 1_000, maxRetries: 0, origins: FROM_FILE, ...options },
    undefined,
    connectProblem,
  );

const plan = {
  name: 'catalogue',
  kind: 'new-version',
  source: { index: 'catalogue', version: 1 },
  layout: 'bare-index',
  findings: [{ check: 'health', level: 'block', message: 'catalogue-v1 is red: a shard has no copy.' }],
  fingerprint: 'a',
} as unknown as Plan;

/** A command line whose output cannot be written. */
async function runWith(argv: string[], write: () => void, interrupt?: AbortSignal): Promise<string> {
  let said = '';
  const stdout = new Writable({ write: (_chunk, _encoding, done) => done() });
  stdout.write = () => (write(), true);
  const stderr = new Writable({ write: (chunk, _encoding, done) => ((said += String(chunk)), done()) });
  await run(argv, { stdout, stderr, stdin: Readable.from([]) }, interrupt);
  return said;
}

/** What has to happen for each code. The docs show these errors. */
const RAISED: Readonly<
  Record<Exclude<ErrorCode, CodeOfEngines | 'internal' | 'interrupted'>, () => unknown>
> = {
  config_invalid: async () => {
    const config = "cluster: { nodes: ['localhost:9200'] }\nindexes: ['./indexes/*.ts']\n";
    await writeFile(join(folder, 'twindex.config.yaml'), config);
    await loadConfig({ cwd: folder, env: {} });
  },
  usage: () => parseDuration('60', '--grace'),
  not_found: () => choose({ name: 'catalogue', documents: [], routing: undefined }, ['17']),
  unreachable: async () => await contact(await deadUrl()),
  certificate: async () => await contact((await front({ tls: await makeCertificates() })).url),
  wrong_scheme: async () => await contact((await front()).url.replace('http:', 'https:')),
  not_an_engine: async () => {
    const page = '<html><head><title>Sign in</title></head></html>';
    const { url } = await front({ intercept: () => ({ type: 'answer', status: 200, body: page }) });
    await contact(url);
  },
  unanswered: async () => await contact(await listener(() => undefined), { requestTimeoutMs: 100 }),
  unauthorized: async () => {
    const { url } = await front({ auth: 'ApiKey right' });
    await contact(url, { auth: { username: 'twindex', password: 'wrong' } });
  },
  forbidden: () => {
    const reason =
      'action [indices:admin/aliases] is unauthorized for user [reader] with effective roles [viewer] on indices [catalogue-v1]';
    const body = Buffer.from(JSON.stringify({ error: { type: 'security_exception', reason }, status: 403 }));
    throw toTwindexError({ method: 'POST', path: '/_aliases' }, { status: 403, headers: {}, body });
  },
  unsupported_engine: async () => {
    const body = JSON.stringify({ nodes: { a: { version: '1.3.20', build_type: 'tar' } } });
    const { url } = await front({ intercept: () => ({ type: 'answer', status: 200, body }) });
    await contact(url);
  },
  lease_held: () => {
    throw leaseHeld(
      testRecord({ holder: { id: 'id', host: 'deploy-1/pid:[4026531836]', pid: 4711, user: 'ci' } }),
    );
  },
  timed_out: () => {
    const why = 'cutover was not possible within 10m: the indexes lag by 2m';
    throw errorOf({
      id: 'a',
      number: 1,
      command: 'cutover',
      by: 'me@laptop',
      outcome: 'timedOut',
      why,
      hasFailed: false,
    });
  },
  too_large: async () => {
    const { url } = await front({
      intercept: () => ({ type: 'answer', status: 200, body: 'x'.repeat(1_000) }),
    });
    const connection = new Connection({ nodes: [url] });
    opened.push(connection);
    await connection.json({ method: 'GET', path: '/catalogue-v1/_search', maxResponseBytes: 999 });
  },
  overloaded: async () => {
    const page = '<html><head><title>503 Service Temporarily Unavailable</title></head></html>';
    const { url } = await front({ intercept: () => ({ type: 'answer', status: 503, body: page }) });
    await contact(url);
  },
  source_failed: () =>
    readLine({ bytes: Buffer.from('{"_source":{}}'), number: 7, end: 100 }, 'catalogue.ndjson'),
  hook_failed: () => {
    const why = './smoke-test.sh ended with 1: 2 of 40 searches found nothing';
    throw stoppedError('hook', stopMessage(testRecord(), 'cutover', why));
  },
  flag_needed: () => {
    throw needsWayBack(plan, 'switched', false);
  },
  plan_blocked: () => {
    throw blocked(plan);
  },
  plan_stale: () => requireFresh({ plan, file: 'plan.json' }, { ...plan, fingerprint: 'b' }),
  definition_changed: () => {
    throw whyNotSame(testRecord(), { file: 'indexes/catalogue.ts', version: 3 } as IndexDefinition);
  },
  journal_unreadable: () => readRecord({ kind: 'migration', format: 1 }),
  local_engine: async () => {
    const script =
      '#!/bin/sh\nfor word; do case "$word" in -DoutputDirectory=*) printf other > "${word#*=}/opensearch-3.99.0.zip";; esac; done\n';
    await writeFile(join(folder, 'mvn'), script, { mode: 0o755 });
    await writeFile(join(folder, 'unzip'), '#!/bin/sh\n[ "$1" = -v ]\n', { mode: 0o755 });
    vi.stubEnv('TWINDEX_CACHE', join(folder, 'cache'));
    vi.stubEnv('PATH', folder);
    const java = { home: '/nowhere', major: 25 };
    await obtainDistribution({
      spec: parseSpec('opensearch@3.99.0'),
      java,
      signal: undefined,
      onNote: () => undefined,
    });
  },
  failed: () => {
    const body = Buffer.from(
      '{"error":{"type":"null_pointer_exception","reason":"field is null"},"status":500}',
    );
    throw toTwindexError(
      { method: 'POST', path: '/catalogue-v1/_search' },
      { status: 500, headers: {}, body },
    );
  },
};

/** Replaces what differs between two runs. */
const lasting = (text: string): string =>
  text
    .replaceAll(/127\.0\.0\.1:\d+/g, 'localhost:9200')
    .replaceAll(/localhost:\d+/g, 'localhost:9200')
    .replaceAll(folder, '/tmp')
    .replaceAll(/\.unpacking-\w+/g, '.unpacking-1');

const errors = new Map<ErrorCode, Promise<TwindexError>>();

/** Raises an error once, for all tests of this file. */
async function errorFor(code: keyof typeof RAISED): Promise<TwindexError> {
  const known = errors.get(code) ?? raise(code);
  errors.set(code, known);
  return await known;
}

async function raise(code: keyof typeof RAISED): Promise<TwindexError> {
  const error = await raised(RAISED[code]);
  const { message, hint } = partsOf(error);
  expect(madeIn(error)).toMatch(/\/src\/(?!errors\.test)/);
  expect(error).toMatchObject({ code });
  return new TwindexError(code, lasting(message), { hint: hint && lasting(hint) });
}

const CODES = Object.keys(RAISED) as (keyof typeof RAISED)[];

describe('every error code', () => {
  it('is raised by a test, here or with a real engine', () => {
    expect([...CODES, ...CODES_OF_ENGINES, 'internal', 'interrupted'].sort()).toEqual(
      [...ERROR_CODES].sort(),
    );
  });

  it('has a section in docs/errors.md, and no section is about another one', async () => {
    const sections = [...(await docs()).keys()];
    expect(sections.toSorted()).toEqual([...ERROR_CODES].sort());
  });

  it('is explained there: why it happens, and what to do', async () => {
    for (const [code, section] of await docs()) {
      expect(section, code).toContain(`error[${code}]: `);
      expect(section, code).toMatch(/\*\*Why\.\*\* \S/);
      expect(section, code).toMatch(/\*\*What to do\.\*\* \S/);
    }
  });

  it.each(CODES)('%s is raised, and the docs show the error as it is', async (code) => {
    const error = await errorFor(code);
    const section = (await docs()).get(code) ?? '';
    expect(section).toContain(errorText(error, { columns: undefined, colours: false }).split('\n  see ')[0]);
  });

  it('internal is the code of an error that nobody expected; the hint says where to report it', async () => {
    const bug = (): void => {
      throw new TypeError("Cannot read properties of undefined (reading 'index')");
    };
    const said = await runWith(['--version'], bug);
    expect(said).toBe(
      "error[internal]: Cannot read properties of undefined (reading 'index'). This is probably a bug in twindex. Run the " +
        'command again with TWINDEX_DEBUG=1, and report its output: https://github.com/twindex/twindex/issues\n' +
        '  see docs/errors.md#internal\n',
    );
    expect((await docs()).get('internal')).toContain(said.split('\n')[0]);
    vi.stubEnv('TWINDEX_DEBUG', '1');
    expect(await runWith(['--version'], bug)).toContain('errors.test.ts');
  });

  it('interrupted is the code after a signal, with the exit code 130', async () => {
    const hanging = await listener(() => undefined);
    const config = `cluster: { nodes: ['${hanging}'], requestTimeoutMs: 200 }\nindexes: ['*.json']\n`;
    await writeFile(join(folder, 'hanging.yaml'), config);
    await writeFile(join(folder, 'a.json'), '{ "name": "a", "version": 1 }');
    const abort = new AbortController();
    const running = runWith(
      ['plan', '--config', join(folder, 'hanging.yaml')],
      () => undefined,
      abort.signal,
    );
    abort.abort();
    const said = await running;
    expect(said).toContain(
      'error[interrupted]: stopped by a signal. Run the same command again to continue.',
    );
    expect((await docs()).get('interrupted')).toContain(said.split('\n')[0]);
  });
});

/** The sections of docs/errors.md by code. */
async function docs(): Promise<ReadonlyMap<string, string>> {
  const text = await readFile(new URL('../docs/errors.md', import.meta.url), 'utf8');
  const [, ...sections] = text.split(/^### /m);
  return new Map(
    sections.map((section): [string, string] => {
      const end = section.indexOf('\n');
      return [section.slice(0, end), section.slice(end).split(/^## /m)[0] ?? ''];
    }),
  );
}

describe('an error on the screen', () => {
  const golden = (name: string): string => join(import.meta.dirname, '../tests/golden/errors', `${name}.txt`);
  const screen = async (style: Parameters<typeof errorText>[1]): Promise<string> => {
    const found: TwindexError[] = [];
    for (const code of CODES) found.push(await errorFor(code));
    return `${found.map((error) => errorText(error, style)).join('\n\n')}\n`;
  };

  it.each([60, 80, 120])('is wrapped between words to %i columns', async (columns) => {
    const text = await screen({ columns, colours: false });
    await expect(text).toMatchFileSnapshot(golden(`${columns}-columns`));
    const coloured = await screen({ columns, colours: true });
    await expect(coloured).toMatchFileSnapshot(golden(`${columns}-columns-with-colours`));
    // oxlint-disable-next-line no-control-regex
    expect(coloured.replaceAll(/\u001b\[\d+m/g, '')).toBe(text);
    const tooLong = text.split('\n').filter((line) => line.length > columns && / \S* /.test(line.trim()));
    expect(tooLong).toEqual([]);
  });

  it('is not wrapped in a log', async () => {
    await expect(await screen({ columns: undefined, colours: false })).toMatchFileSnapshot(golden('piped'));
  });
});

describe('credentials', () => {
  it.each([
    ['http://me:s3cret@host:9200/x', 'http://host:9200/x'],
    ['HTTPS://me:s3@cret@host', 'HTTPS://host'],
    ['http://host/x?api_key=s3cret', 'http://host/x?…'],
    ['{"authorization":"Basic bWU6czNjcmV0"}', '{"authorization":"…"}'],
    ['Authorization: ApiKey s3cret<br>', 'Authorization: …<br>'],
    ['authorization is required', 'authorization is required'],
  ])('%s is shown as %s', (text, shown) => {
    expect(redact(text)).toBe(shown);
    const { message, hint } = new TwindexError('failed', text, { hint: text });
    expect(`${message}${hint}`).not.toMatch(/s3|bWU6/);
  });
});
