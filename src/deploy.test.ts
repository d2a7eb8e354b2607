// The files of deploy/, the Dockerfile and compose.yaml. The rules of other programs are checked where these programs are
// installed; scripts/checkDeploy.js lists them all.
import { execFile, spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { copyFile, mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, onTestFinished, test } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const CHART = join(ROOT, 'deploy/helm/twindex');
const UNITS = join(ROOT, 'deploy/systemd');

const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');
const has = (program: string, ...args: string[]): boolean => spawnSync(program, args).status === 0;

interface Commands {
  readonly commands: readonly { name: string; options: readonly { flags: string }[] }[];
}
const { commands } = JSON.parse(read('schemas/commands.json')) as Commands;

/** Fails if a command line of twindex (without the program) names a command or an option that there is not. */
function expectKnown(words: readonly string[]): void {
  const [name = '', ...rest] = words;
  const command = commands.find((one) => one.name === name);
  expect(command, `twindex ${name}`).toBeDefined();
  const known = command?.options.map(({ flags }) =>
    flags.split(/[ ,]/).find((flag) => flag.startsWith('--')),
  );
  const used = rest.filter((word) => word.startsWith('--')).map((word) => word.split('=')[0]);
  for (const flag of used) expect(known, `twindex ${name}`).toContain(flag);
}

describe('the image', () => {
  const dockerfile = read('Dockerfile');
  const stages = dockerfile.split(/^FROM /m).slice(1);
  const last = stages.at(-1) ?? '';

  test('runs as a user with a number, checks its health, and has nothing of the stages that build it', () => {
    expect(last).toMatch(/^USER [1-9]\d*:[1-9]\d*$/m);
    expect(last).toMatch(/^HEALTHCHECK /m);
    expect(last).not.toMatch(/^(ADD|RUN (apt|npm|curl))/m);
    expect(last).not.toMatch(/^COPY (?!--from=)/m);
  });

  test('copies only files that exist, and that are sent to Docker', () => {
    const sent = read('.dockerignore')
      .split('\n')
      .filter((line) => line.startsWith('!'))
      .map((line) => line.slice(1));
    for (const path of sent) expect(existsSync(join(ROOT, path)), path).toBe(true);
    const copied = [...last.matchAll(/\/src\/(\S+)/g)].map(([, path = '']) => path);
    expect(copied.length).toBeGreaterThan(4);
    for (const path of copied.filter((one) => one !== 'dist'))
      expect(
        sent.some((one) => path === one || path.startsWith(`${one}/`)),
        path,
      ).toBe(true);
  });

  test.each([
    [200, 0],
    [503, 1],
  ])('is healthy or not by the status: %i ends with %i', async (status, code) => {
    const server = createServer((_, response) => response.writeHead(status).end());
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void server.close());
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/-/health`;
    expect(await healthcheck(url)).toBe(code);
    server.close();
    server.closeAllConnections();
    expect(await healthcheck(url)).toBe(1);
  });
});

async function healthcheck(url: string): Promise<number> {
  const script = join(ROOT, 'deploy/docker/healthcheck.js');
  return await promisify(execFile)(process.execPath, [script], { env: { TWINDEX_HEALTH_URL: url } }).then(
    () => 0,
    (error: { code: number }) => error.code,
  );
}

interface ComposeService {
  readonly image?: string;
  readonly build?: string;
  readonly command?: readonly string[];
  readonly ports?: readonly string[];
  readonly volumes?: readonly string[];
  readonly read_only?: boolean;
  readonly cap_drop?: readonly string[];
  readonly security_opt?: readonly string[];
}

describe('compose.yaml', () => {
  const { services, volumes } = parse(read('compose.yaml'), { merge: true }) as {
    services: Record<string, ComposeService>;
    volumes: Record<string, null>;
  };

  test('publishes every port on localhost only, and pins every image', () => {
    for (const [name, { ports = [], image = '' }] of Object.entries(services)) {
      for (const port of ports) expect(port, name).toMatch(/^127\.0\.0\.1:/);
      expect(image, name).toMatch(/:\d+\.\d+\.\d+$|:v\d+\.\d+\.\d+$|^\$\{TWINDEX_IMAGE:-twindex:local\}$/);
    }
  });

  test('mounts only files that exist', () => {
    const mounted = Object.values(services).flatMap((service) => service.volumes ?? []);
    for (const mount of mounted) {
      const from = mount.replace(/^\$\{\w+:-([^}]*)\}/, '$1').split(':')[0] ?? '';
      if (from.startsWith('.')) expect(existsSync(join(ROOT, from)), from).toBe(true);
      else expect(Object.keys(volumes)).toContain(from);
    }
  });

  test('gives the containers of twindex no rights, and only options that there are', () => {
    const own = Object.values(services).filter(({ build }) => build !== undefined);
    expect(own).toHaveLength(3);
    for (const { command, ...service } of own) {
      expect(service).toMatchObject({
        read_only: true,
        cap_drop: ['ALL'],
        security_opt: ['no-new-privileges:true'],
      });
      if (command) expectKnown(command);
    }
  });
});

describe('the units of systemd', () => {
  const names = readdirSync(UNITS);

  test.each(names)('%s calls twindex with options that there are', (name) => {
    const [, line = ''] =
      /^ExecStart=\/usr\/bin\/env twindex (.*)$/m.exec(read(`deploy/systemd/${name}`)) ?? [];
    expectKnown(line.split(' '));
  });

  test('have the same hardening', () => {
    const hardening = (name: string): string | undefined =>
      /\n# A user that exists[^]*/.exec(read(`deploy/systemd/${name}`))?.[0];
    expect(hardening(names[0] ?? '')).toMatch(/^DynamicUser=yes$/m);
    for (const name of names) expect(hardening(name), name).toBe(hardening(names[0] ?? ''));
  });

  test.runIf(has('systemd-analyze', '--version')).each(names)(
    'systemd understands %s, and finds it little exposed',
    async (name) => {
      const folder = await mkdtemp(join(tmpdir(), 'twindex-unit-'));
      onTestFinished(() => rm(folder, { recursive: true }));
      const unit = name.replace('@.', '@catalogue.');
      await copyFile(join(UNITS, name), join(folder, unit));
      const systemd = (...args: string[]) =>
        spawnSync('systemd-analyze', [...args, join(folder, unit)], { encoding: 'utf8' });
      expect(systemd('verify', '--man=no')).toMatchObject({ status: 0, stderr: '' });
      const { stdout } = systemd('security', '--offline=true', '--threshold=20', '--no-pager');
      expect(Number(/exposure level for .*: ([\d.]+)/.exec(stdout)?.[1])).toBeLessThan(2);
    },
  );
});

interface Manifest {
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly spec?: {
    readonly template?: { readonly spec: PodSpec };
    readonly containers?: readonly Container[];
  };
}

interface PodSpec {
  readonly securityContext: object;
  readonly terminationGracePeriodSeconds: number;
  readonly containers: readonly Container[];
}

interface Container {
  readonly args?: readonly string[];
  readonly securityContext: object;
  readonly readinessProbe?: object;
}

describe('the Helm chart', () => {
  const values = parse(read('deploy/helm/twindex/values.yaml')) as Record<string, unknown>;

  test('has the version of the package, and a schema of exactly its values', () => {
    const { version } = JSON.parse(read('package.json')) as { version: string };
    expect((parse(read('deploy/helm/twindex/Chart.yaml')) as { appVersion: string }).appVersion).toBe(
      version,
    );
    const schema = JSON.parse(read('deploy/helm/twindex/values.schema.json')) as SchemaPart;
    expect(keysOfSchema(schema).filter((key) => key !== 'global')).toEqual(keysOfValues(values, schema));
  });

  describe.runIf(has('helm', 'version'))('rendered', () => {
    test('passes the linter of Helm', () => {
      expect(helm('lint', CHART, '--strict', '--quiet', ...KUBERNETES)).toMatchObject({ status: 0 });
    });

    test('has by default two gateways that are replaced one by one, and nothing else that runs', () => {
      const manifests = render();
      expect(manifests.map(({ kind }) => kind).sort()).toEqual([
        'Deployment',
        'Pod',
        'PodDisruptionBudget',
        'Service',
        'ServiceAccount',
      ]);
      expect(manifests.find(({ kind }) => kind === 'Deployment')?.spec).toMatchObject({
        replicas: 2,
        strategy: { rollingUpdate: { maxUnavailable: 0 } },
        template: {
          spec: {
            terminationGracePeriodSeconds: 60,
            containers: [
              {
                readinessProbe: { httpGet: { path: '/-/ready' } },
                lifecycle: { preStop: { exec: { command: ['sleep', '5'] } } },
              },
            ],
          },
        },
      });
    });

    test('with everything switched on, calls twindex with options that there are, without any rights', () => {
      const manifests = render(...EVERYTHING);
      const pods = manifests.flatMap(({ kind, spec }) =>
        kind === 'Deployment' || kind === 'Job' ? (spec?.template?.spec ?? []) : [],
      );
      expect(pods).toHaveLength(3);
      for (const { securityContext, containers } of pods) {
        expect(securityContext).toMatchObject({
          runAsNonRoot: true,
          seccompProfile: { type: 'RuntimeDefault' },
        });
        for (const container of containers) {
          expect(container.securityContext).toEqual({
            allowPrivilegeEscalation: false,
            readOnlyRootFilesystem: true,
            capabilities: { drop: ['ALL'] },
          });
          expectKnown(container.args ?? []);
        }
      }
      const kinds = new Set(manifests.map(({ kind }) => kind));
      for (const kind of ['NetworkPolicy', 'ServiceMonitor', 'ConfigMap']) expect(kinds).toContain(kind);
    });

    test('gives the Job another name when its template changes, and only then', () => {
      const jobName = (...args: string[]) =>
        render(...EVERYTHING, ...args).find(({ kind }) => kind === 'Job')?.metadata.name;
      expect(jobName()).toBe(jobName('--set=gateway.replicas=5'));
      expect(jobName()).not.toBe(jobName('--set-string=image.tag=2'));
      expect(jobName()?.length).toBeLessThanOrEqual(63);
    });

    test.each([
      ['--set=gateway.replicas=0', 'replicas'],
      ['--set=gateway.drain=10', 'drain'],
      ['--set=gateways.replicas=2', 'gateways'],
      ['--set=dashboard.enabled=true', 'dashboard.tokenSecret.name: name a Secret'],
      ['--set=migrations[0].name=a,migrations[0].until=over', 'until'],
    ])('refuses %s', (flag, reason) => {
      const { status, stderr } = helm('template', 'shop', CHART, flag, ...KUBERNETES);
      expect(status).toBe(1);
      expect(stderr).toContain(reason);
    });
  });
});

const EVERYTHING = [
  '--set=dashboard.enabled=true,dashboard.tokenSecret.name=token,gateway.tlsSecret=tls,networkPolicy.enabled=true',
  '--set=serviceMonitor.enabled=true,migrations[0].name=catalogue,migrations[0].until=ready,migrations[0].stay=true',
  '--set=project.files.twindex\\.config\\.ts=export default {}',
];

/** Without it, Helm takes a version that depends on how Helm was built. */
const KUBERNETES = ['--kube-version', '1.33.0'];

const helm = (...args: string[]) => spawnSync('helm', args, { encoding: 'utf8' });

function render(...args: string[]): Manifest[] {
  const { status, stdout, stderr } = helm('template', 'shop', CHART, ...args, ...KUBERNETES);
  expect(status, stderr).toBe(0);
  return parseAllDocuments(stdout).flatMap((document) => (document.toJS() as Manifest | null) ?? []);
}

interface SchemaPart {
  readonly properties?: Readonly<Record<string, SchemaPart>>;
}

/** Paths of all properties that the schema names. */
function keysOfSchema({ properties = {} }: SchemaPart, path = ''): string[] {
  return Object.entries(properties)
    .flatMap(([key, part]) => [`${path}${key}`, ...keysOfSchema(part, `${path}${key}.`)])
    .sort();
}

/** Paths of all values, as deep as the schema goes. */
function keysOfValues(values: Record<string, unknown>, { properties = {} }: SchemaPart, path = ''): string[] {
  return Object.entries(values)
    .flatMap(([key, value]) => {
      const part = properties[key];
      const inner = part?.properties
        ? keysOfValues(value as Record<string, unknown>, part, `${path}${key}.`)
        : [];
      return [`${path}${key}`, ...inner];
    })
    .sort();
}
