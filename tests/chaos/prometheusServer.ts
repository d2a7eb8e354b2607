// A real Prometheus that scrapes twindex each second and evaluates the alert rules of deploy/.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { eventually } from '../eventually.js';
import { freePort } from './gatewayProcess.js';

const RULES = new URL('../../deploy/prometheus/alerts.yml', import.meta.url);
const POLL_MS = 250;
const SHORTER = 12;

export const hasPrometheus = spawnSync('prometheus', ['--version']).status === 0;

/** The rules with shorter times, so that a test need not wait for minutes. Limits stay as they are. */
const quickRules = (): string =>
  readFileSync(RULES, 'utf8').replaceAll(
    /(for: |\[)(\d+)([sm])/g,
    (_, before: string, value: string, unit) => {
      const ms = Number(value) * (unit === 'm' ? 60_000 : 1_000);
      return `${before}${Math.round(ms / SHORTER)}ms`;
    },
  );

interface Alert {
  readonly metric: Readonly<Record<string, string>>;
}

export class Prometheus {
  readonly #folder: string;
  readonly #child: ChildProcess;
  readonly #url: string;
  readonly #name: string;
  readonly #stop = new AbortController();
  readonly #watching: Promise<void>;
  #seen = new Set<string>();
  #firing: readonly string[] = [];

  private constructor(folder: string, child: ChildProcess, url: string, name: string) {
    this.#name = name;
    this.#folder = folder;
    this.#child = child;
    this.#url = url;
    this.#watching = this.#watch();
  }

  /**
   * @param targets such as `127.0.0.1:9201`
   * @param name of the index whose alerts count: the journal has the migrations of other tests, too
   */
  static async start(targets: readonly string[], name: string): Promise<Prometheus> {
    const folder = mkdtempSync(join(tmpdir(), 'twindex-prometheus-'));
    const config = {
      global: { scrape_interval: '1s', evaluation_interval: '1s' },
      rule_files: [join(folder, 'rules.yml')],
      scrape_configs: [{ job_name: 'twindex', static_configs: [{ targets }] }],
    };
    writeFileSync(join(folder, 'rules.yml'), quickRules());
    // JSON is YAML, too
    writeFileSync(join(folder, 'prometheus.yml'), JSON.stringify(config));
    const address = `127.0.0.1:${await freePort()}`;
    const args = [
      '--config.file=prometheus.yml',
      '--storage.tsdb.path=data',
      `--web.listen-address=${address}`,
    ];
    const child = spawn('prometheus', args, { cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] });
    let log = '';
    child.stderr.on('data', (bytes: Buffer) => (log += bytes.toString()));
    const url = `http://${address}`;
    const isReady = async () => (await fetch(`${url}/-/ready`).catch(() => undefined))?.ok;
    await eventually(() => `Prometheus is ready\n${log}`, isReady, 60_000);
    return new Prometheus(folder, child, url, name);
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#watching;
    this.#child.kill('SIGTERM');
    if (this.#child.exitCode === null) await once(this.#child, 'close');
    rmSync(this.#folder, { recursive: true, force: true });
  }

  /** The alerts that have fired since the last call. Returns when none fires any more. */
  async firedSince(): Promise<string[]> {
    await eventually(
      () => `no alert fires; found ${this.#firing.join()}`,
      () => this.#firing.length === 0,
      120_000,
    );
    const seen = [...this.#seen].sort();
    this.#seen = new Set();
    return seen;
  }

  async untilFiring(alert: string, ms = 120_000): Promise<void> {
    await eventually(
      () => `${alert} fires; found ${this.#firing.join()}`,
      () => this.#firing.includes(alert),
      ms,
    );
  }

  async query(query: string): Promise<readonly Alert[]> {
    const answer = await fetch(`${this.#url}/api/v1/query?query=${encodeURIComponent(query)}`);
    const { data } = (await answer.json()) as { data: { result: readonly Alert[] } };
    return data.result;
  }

  async #watch(): Promise<void> {
    while (!this.#stop.signal.aborted) {
      const firing = await this.query(`ALERTS{alertstate="firing",name=~"(${this.#name})?"}`);
      this.#firing = firing.map(({ metric: { alertname = '', reason } }) =>
        reason === undefined ? alertname : `${alertname} ${reason}`,
      );
      for (const alert of this.#firing) this.#seen.add(alert);
      await sleep(POLL_MS);
    }
  }
}
