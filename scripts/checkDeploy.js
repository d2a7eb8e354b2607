// `npm run check:deploy`: lets other programs check the Dockerfile, compose.yaml, deploy/ and the workflows. A program that is
// not installed is named, and its check is left out. src/deploy.test.ts checks the rest, with each run of the tests.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const EVERYTHING = [
  'dashboard.enabled=true',
  'dashboard.tokenSecret.name=token',
  'gateway.tlsSecret=tls',
  'migrations[0].name=catalogue',
  'networkPolicy.enabled=true',
  'project.configMap=project',
  'serviceMonitor.enabled=true',
];
const TEMPLATE = 'helm template shop deploy/helm/twindex --kube-version 1.33.0';

/** @type {readonly { what: string, needs: readonly (readonly string[])[], run: string }[]} */
const CHECKS = [
  { what: 'Dockerfile', needs: [['hadolint', '--version']], run: 'hadolint Dockerfile' },
  {
    what: 'compose.yaml',
    needs: [['docker', 'compose', 'version']],
    run: 'docker compose --profile tools config --quiet',
  },
  {
    what: 'Prometheus: configuration of compose.yaml',
    needs: [['promtool', '--version']],
    run: 'cp deploy/compose/prometheus.yml deploy/prometheus/alerts.yml "$WORK" && promtool check config "$WORK/prometheus.yml"',
  },
  {
    what: 'Helm chart',
    needs: [['helm', 'version']],
    run: 'helm lint deploy/helm/twindex --strict --kube-version 1.33.0',
  },
  {
    what: 'Helm chart: Kubernetes knows all of it',
    needs: [
      ['helm', 'version'],
      ['kubeconform', '-v'],
    ],
    run: `(${TEMPLATE} && ${TEMPLATE} --set '${EVERYTHING.join(',')}') | kubeconform -strict -summary -skip ServiceMonitor`,
  },
  {
    what: 'units of systemd',
    needs: [['systemd-analyze', '--version']],
    run: 'cp deploy/systemd/twindex-*.service "$WORK" && mv "$WORK/twindex-migrate@.service" "$WORK/twindex-migrate@catalogue.service" && systemd-analyze verify --man=no "$WORK"/*.service',
  },
  { what: 'workflows of GitHub', needs: [['actionlint', '--version']], run: 'actionlint' },
];

let hasFailed = false;
for (const { what, needs, run } of CHECKS) {
  const missing = needs.find(([program = '', ...args]) => spawnSync(program, args).status !== 0);
  if (missing) {
    console.log(`left out  ${what}: ${missing.slice(0, -1).join(' ') || missing[0]} is not installed`);
    continue;
  }
  const script = `set -eu; WORK=$(mktemp -d); trap 'rm -rf "$WORK"' EXIT; ${run}`;
  const { status, stdout, stderr } = spawnSync('sh', ['-c', script], { cwd: ROOT, encoding: 'utf8' });
  console.log(`${status === 0 ? 'ok       ' : 'FAILED   '} ${what}`);
  if (status === 0) continue;
  hasFailed = true;
  console.log(`${stdout}${stderr}`.replace(/^/gm, '          '));
}
process.exitCode = hasFailed ? 1 : 0;
