// What is said of the metrics elsewhere: in docs/metrics.md, in the alert rules, and in the dashboard.
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Registry } from 'prom-client';
import { describe, expect, it, onTestFinished } from 'vitest';
import {
  allRegistries,
  IDLE_GATEWAY,
  migrationsIn,
  runningMigration,
  snapshotOf,
} from '../../tests/allMetrics.js';
import { gatewayRegistry } from '../writers/gateway/metrics.js';
import { metricsText } from './registry.js';

interface Metric {
  readonly name: string;
  readonly type: string;
  readonly labelNames: readonly string[];
}

interface Script {
  readonly metricsOf: (registry: Registry) => readonly Metric[];
  readonly drawMetrics: (page: string, registries: Readonly<Record<string, Registry>>) => string;
}

const { metricsOf, drawMetrics } = (await import(
  new URL('../../scripts/drawMetrics.js', import.meta.url).href
)) as Script;

const pathOf = (file: string): string => fileURLToPath(new URL(`../../${file}`, import.meta.url));
const read = (file: string): string => readFileSync(pathOf(file), 'utf8');

const metrics: readonly Metric[] = Object.values(allRegistries()).flatMap(metricsOf);
const OF_HISTOGRAM = ['_bucket', '_sum', '_count'];
const series = new Map(
  metrics.flatMap(({ name, type, labelNames }) =>
    type === 'histogram'
      ? OF_HISTOGRAM.map((suffix): [string, readonly string[]] => [`${name}${suffix}`, [...labelNames, 'le']])
      : [[name, labelNames] as [string, readonly string[]]],
  ),
);

const hasPromtool = spawnSync('promtool', ['--version']).status === 0;
const title = (what: string): string =>
  hasPromtool ? what : `${what} (skipped: promtool is missing; apt-get install prometheus)`;

/** @throws Error with what promtool says */
const promtool = (args: readonly string[], input?: string): string =>
  execFileSync('promtool', args, { encoding: 'utf8', input, stdio: 'pipe' });

it('docs/metrics.md has the tables that `npm run docs:metrics` draws', () => {
  const page = read('docs/metrics.md');
  expect(page).toBe(drawMetrics(page, allRegistries()));
});

it('docs/metrics.md has a row for each alert, and no other', () => {
  const documented = [...read('docs/metrics.md').matchAll(/^\| `(Twindex\w+)` \|/gm)].map(([, name]) => name);
  const alerts = [...read('deploy/prometheus/alerts.yml').matchAll(/- alert: (\w+)/g)].map(
    ([, name]) => name,
  );
  expect(documented).toEqual(alerts);
});

interface Panel {
  readonly title: string;
  readonly targets?: readonly { readonly expr: string }[];
}

const { panels } = JSON.parse(read('deploy/grafana/twindex.json')) as { readonly panels: readonly Panel[] };
const ofDashboard = panels.flatMap(({ title: of, targets = [] }) =>
  targets.map(({ expr }) => [of, expr] as const),
);
const ofAlerts = [read('deploy/prometheus/alerts.yml').replaceAll(/^ *(#|summary:|description:).*$/gm, '')];

const NAME = /\b(?:twindex|process)_\w+/g;

/** The name of each metric in an expression, with the labels that are selected there. */
const selectors = (expression: string): (readonly [name: string, labels: string[]])[] =>
  [...expression.matchAll(/\b((?:twindex|process)_\w+)(?:\{([^}]*)\})?/g)].map(
    ([, name = '', labels = '']) => [
      name,
      [...labels.matchAll(/(\w+) *[=!]/g)].map(([, label = '']) => label),
    ],
  );

/** Labels that Prometheus adds. */
const OF_PROMETHEUS = ['job', 'instance'];

it.each([
  ['the alert rules', ofAlerts],
  ['the dashboard', ofDashboard.map(([, expr]) => expr)],
])('%s name only metrics that exist, with labels that these have', (_, expressions) => {
  const found = expressions.flatMap(selectors);
  expect(found.length).toBeGreaterThan(5);
  for (const [name, labels] of found) {
    expect([...series.keys()]).toContain(name);
    expect([...(series.get(name) ?? []), ...OF_PROMETHEUS]).toEqual(expect.arrayContaining(labels));
  }
});

it('the dashboard shows every metric of a migration', () => {
  const shown = new Set(ofDashboard.flatMap(([, expr]) => expr.match(NAME) ?? []));
  const hidden = metricsOf(allRegistries().migrations)
    .map(({ name }) => name)
    .filter((name) => !shown.has(name));
  expect(hidden).toEqual(NOT_DRAWN);
});

/** What other metrics on the dashboard say as well, and what concerns the metrics themselves. */
const NOT_DRAWN = [
  'twindex_journal_up',
  'twindex_journal_read_duration_seconds',
  'twindex_migration_state',
  'twindex_migration_start_time_seconds',
  'twindex_migration_paused',
  'twindex_migration_coordinator_up',
  'twindex_migration_deletes_pending',
  'twindex_migration_writers_away',
  'twindex_migration_verified',
  'twindex_migration_dropped_documents_total',
  'twindex_migration_write_pause_seconds_total',
];

describe.runIf(hasPromtool)('promtool', () => {
  it('finds nothing wrong with the metrics', async () => {
    const progress = { task: 'copy', done: 1, confirmed: 1, total: 2, rate: 3, etaMs: 4 };
    const lag = { operations: 1, lagMs: 2, deletesPending: false };
    const gateway = gatewayRegistry(() => IDLE_GATEWAY);
    const migrations = migrationsIn(snapshotOf(runningMigration({ progress, lag, state: 'copying' })));
    expect(promtool(['check', 'metrics'], await metricsText([gateway, migrations]))).toBe('');
  });

  it('accepts the alert rules, which fire when they should and at no other time', () => {
    promtool(['check', 'rules', pathOf('deploy/prometheus/alerts.yml')]);
    promtool(['test', 'rules', pathOf('deploy/prometheus/alerts.test.yml')]);
  });

  it('can read every expression of the dashboard', () => {
    const folder = mkdtempSync(join(tmpdir(), 'twindex-dashboard-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const rules = ofDashboard.map(([of, expr], n) => ({
      record: `panel:${n}`,
      expr: expr.replaceAll('$__rate_interval', '1m'),
      labels: { panel: of },
    }));
    const file = join(folder, 'panels.json');
    // JSON is YAML, too
    writeFileSync(file, JSON.stringify({ groups: [{ name: 'dashboard', rules }] }));
    expect(promtool(['check', 'rules', file])).toContain(`${rules.length} rules found`);
  });
});

it.skipIf(hasPromtool)(title('promtool checks metrics, alert rules and dashboard'), () => {});
