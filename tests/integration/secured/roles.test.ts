// The roles of deploy/roles/ are enough for whole migrations on every route, with a gateway and its clients, and for people who
// only look. The front refuses each request for which a role lacks a right.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, describe, expect, it, onTestFinished } from 'vitest';
import { createTwindex } from '../../../src/index.js';
import { Project } from '../cli/project.js';
import { engineName, testCluster } from '../engine.js';
import { get } from '../gateway/harness.js';
import { SecuredFront } from './front.js';
import { Role, type RoleName } from './roles.js';

const QUICK = ['--grace', '300ms', '--lease', '5s', '--max-write-pause', '5s', '--max-lag', '5s'];
const AFTER = { properties: { price: { type: 'double' } } };
const PASSWORD = 'let-me-in';

/** Deleting the result of a finished `_reindex` task is a courtesy, which only a superuser may do. */
const MAY_BE_REFUSED = /^DELETE \/\.tasks\//;

/** What the role of twindex allows and no run of this file has needed yet, by its text with `catalogue`. */
let unusedSoFar: readonly string[] | undefined;

class Scene {
  readonly project: Project;
  readonly front: SecuredFront;
  readonly twindexRole: Role;

  private constructor(project: Project, front: SecuredFront, twindexRole: Role) {
    this.project = project;
    this.front = front;
    this.twindexRole = twindexRole;
  }

  /** Version 1 is live, with documents, and everybody goes through the front. */
  static async set(): Promise<Scene> {
    const front = await SecuredFront.open();
    const project = await Project.create({
      nodes: [front.url],
      auth: { username: 'twindex', password: PASSWORD },
    });
    const role = (name: RoleName): Role => Role.read(engineName, name, project.name);
    const twindexRole = role('twindex');
    front.add('twindex', PASSWORD, twindexRole);
    front.add('shop', PASSWORD, role('gateway-client'));
    front.add('watcher', PASSWORD, role('observer'));
    const watching = {
      cluster: { nodes: [front.url], auth: { username: 'watcher', password: PASSWORD } },
      indexes: ['./index.json'],
    };
    await project.write('watcher.config.json', JSON.stringify(watching));
    const scene = new Scene(project, front, twindexRole);
    await scene.run('migrate', 'NAME', '--yes');
    const { connection } = await testCluster();
    const lines = Array.from({ length: 300 }, (_, n) => `{"index":{"_id":"d${n}"}}\n{"price":"${n}.5"}\n`);
    await connection.json({
      method: 'POST',
      path: `/${project.name}-write/_bulk`,
      query: { refresh: true },
      body: lines.join(''),
    });
    await project.declare(2, AFTER);
    onTestFinished(() => {
      const unused = twindexRole.unused.map((text) => text.replaceAll(project.name, 'catalogue'));
      unusedSoFar = unused.filter((text) => unusedSoFar?.includes(text) ?? true);
    });
    return scene;
  }

  async run(...args: string[]): Promise<string> {
    const { code, stdout, stderr } = await this.project.run(...args);
    expect({ code, stderr, refused: this.refused }).toMatchObject({ code: 0, refused: [] });
    expect(stderr).not.toContain('sent again');
    return stdout;
  }

  get refused(): readonly object[] {
    return this.front.refused.filter(({ request }) => !MAY_BE_REFUSED.test(request));
  }
}

/** What a client does in each phase: every kind of write, and every kind of read. */
async function useGateway(url: string, name: string, phase: string): Promise<void> {
  const authorization = `Basic ${Buffer.from(`shop:${PASSWORD}`).toString('base64')}`;
  const ask = async (method: string, path: string, body?: object | string): Promise<string> => {
    const text = typeof body === 'object' ? JSON.stringify(body) : (body ?? null);
    const headers = { authorization, 'content-type': 'application/json' };
    const answer = await get(url + path, { method, headers, body: text });
    expect({
      phase,
      path,
      status: answer.status,
      text: answer.status < 300 ? '' : answer.text,
    }).toMatchObject({ text: '' });
    return answer.text;
  };
  await ask('PUT', `/${name}-write/_doc/${phase}`, { price: '1.5' });
  await ask('POST', `/${name}-write/_update/${phase}`, { doc: { price: '2.5' } });
  await ask(
    'POST',
    `/${name}-write/_bulk`,
    `{"index":{"_id":"b-${phase}"}}\n{"price":"3"}\n{"delete":{"_id":"${phase}"}}\n`,
  );
  await ask('POST', `/${name}-read/_search`, { query: { match_all: {} } });
  await ask('POST', `/${name}-read/_mget`, { ids: ['d1', 'd2'] });
  await ask('POST', `/${name}-read/_msearch`, '{}\n{"size":1}\n');
  const page = await ask('POST', `/${name}-read/_search?scroll=1m`, { size: 1 });
  const { _scroll_id: scroll_id } = JSON.parse(page) as { readonly _scroll_id: string };
  await ask('POST', '/_search/scroll', { scroll_id, scroll: '1m' });
  await ask('DELETE', '/_search/scroll', { scroll_id });
}

const WAYS: readonly (readonly [route: string, options: readonly string[]])[] = [
  // The Elasticsearch of the tests comes without the module that has `_reindex`.
  ...(engineName === 'opensearch' ? ([['server', ['--route', 'server']]] as const) : []),
  ['client', ['--route', 'client']],
  ['reingest', ['--from', 'documents.ndjson']],
];

describe('the roles of deploy/roles', () => {
  it.each(WAYS)('are enough for a whole migration on the route %s', async (_, options) => {
    const scene = await Scene.set();
    const { project } = scene;
    const documents = Array.from({ length: 300 }, (__, n) =>
      JSON.stringify({ id: `d${n}`, source: { price: n } }),
    );
    await writeFile(join(project.folder, 'documents.ndjson'), documents.join('\n'));
    await scene.run('plan', 'NAME', '--sample', '100');
    const { ended } = await project.stay('ready', ...QUICK, ...options);
    await using twindex = createTwindex({ config: join(project.folder, 'twindex.config.json') });
    const gateway = await twindex.gateway({ port: 0 });
    await useGateway(gateway.url, project.name, 'ready');
    await scene.run('reads', 'NAME', '--record', '100%', '--shadow', '100%', '--canary', '50%');
    for (let n = 0; n < 4; n++) await useGateway(gateway.url, project.name, `reads-${n}`);
    for (const watched of ['status', 'history', 'writers'])
      await scene.run(watched, 'NAME', '--config', 'watcher.config.json');
    for (const command of ['cutover', 'rollback', 'cutover', 'switch']) {
      await scene.run(command, 'NAME');
      await useGateway(gateway.url, project.name, command);
    }
    await scene.run('verify', 'NAME');
    await scene.run('throttle', 'NAME', '--max-docs', '1000/s');
    await scene.run('finalize', 'NAME', '--yes');
    const { code, stderr } = await ended;
    expect(code, stderr).toBe(0);
    expect(stderr).not.toContain('sent again');
    await useGateway(gateway.url, project.name, 'finalized');
    expect(scene.refused).toEqual([]);
  });

  it('are enough to give a migration up', async () => {
    const scene = await Scene.set();
    await scene.run('migrate', 'NAME', '--yes', '--until', 'ready', '--no-stay', ...QUICK);
    await scene.run('abort', 'NAME', '--yes');
    expect(scene.refused).toEqual([]);
  });

  it('let nobody who only looks change anything', async () => {
    const scene = await Scene.set();
    const { code, stderr } = await scene.project.run(
      'migrate',
      'NAME',
      '--yes',
      '--config',
      'watcher.config.json',
    );
    expect(code).toBe(1);
    expect(stderr).toContain('error[forbidden]');
    expect(
      scene.front.passed.filter((one) =>
        /^watcher (?:PUT|DELETE)|^watcher POST .*_(?:bulk|aliases)/.test(one),
      ),
    ).toEqual([]);
  });
});

afterAll(() => {
  console.log('not needed', unusedSoFar);
});
