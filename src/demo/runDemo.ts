// Runs the whole demo: an engine, a catalogue, an application that reads and writes all the time, a
// migration, and the evidence. Read this file first.
import { findEngine } from '../localEngine/startEngine.js';
import { messageOf } from '../errors.js';
import { CommandLine } from './commandLine.js';
import { compareWithRecord } from './comparison.js';
import { type Evidence, makeEvidence } from './evidence.js';
import { EngineHttp } from './http.js';
import { Gateways } from './gateways.js';
import { MigrationRun, PHASES } from './phases.js';
import { writeProject } from './demoProject.js';
import type { Features } from './schemas.js';
import { createCatalogue, fillCatalogue, findFeatures, removeCatalogue } from './seed.js';
import type { View } from './view.js';
import { Workload } from './workload.js';

export interface DemoOptions {
  /** For example `opensearch@3.8.0`. If TWINDEX_URL is set, the demo uses the cluster at this address instead. */
  readonly engine: string | undefined;
  readonly name: string;
  readonly documents: number;
  /** How long the application runs before the migration and after each phase. */
  readonly seconds: number;
  /** Requests per second, of all readers and writers together. */
  readonly rate: number;
  /** If true, all writers but one use the two gateways. If false, all write directly to the cluster. */
  readonly gateways: boolean;
  readonly keep: boolean;
  readonly signal: AbortSignal;
  readonly view: View;
  /** Called before the engine is stopped. */
  readonly onEvidence: (evidence: Evidence, urls: readonly string[]) => void | Promise<void>;
}

/** @throws TwindexError if the demo cannot begin. All later problems are shown in the evidence. */
export async function runDemo(options: DemoOptions): Promise<void> {
  const { view, signal, name, documents } = options;
  view.now(`starting ${options.engine ?? 'an engine'}`);
  const engine = await findEngine(options.engine, { signal, onNote: (text) => view.say(text) });
  const http = new EngineHttp(engine.urls[0] ?? '');
  let created = false;
  try {
    view.say(`${engine.name} ${engine.version} at ${engine.urls.join(' ')}`);
    const features = await findFeatures(http);
    for (const line of whatIsMissing(features)) view.say(line);
    await createCatalogue(http, name);
    created = true;
    const onProgress = (done: number) =>
      view.now(`filling ${name}-v1: ${text(done)} of ${text(documents)} products`);
    await fillCatalogue(http, { name, documents, onProgress, signal });
    await options.onEvidence(await migrateWhileUsed({ ...options, http, engine, features }), engine.urls);
  } finally {
    view.now('cleaning up');
    if (created && !options.keep) await removeCatalogue(http, name).catch(() => {});
    await http.close();
    await engine.stop();
  }
}

interface Running extends Omit<DemoOptions, 'engine'> {
  readonly http: EngineHttp;
  readonly engine: { readonly name: string; readonly version: string; readonly urls: readonly string[] };
  readonly features: Features;
}

async function migrateWhileUsed(running: Running): Promise<Evidence> {
  const { http, features, name, documents, rate, seconds, view, signal } = running;
  const { urls } = running.engine;
  const project = await writeProject({ urls, name, features });
  const commands = new CommandLine({ configFile: project.configFile, signal });
  const gateways = running.gateways ? new Gateways(commands) : undefined;
  const scripts = features.painless;
  const workload = new Workload({ http, gateways, name, documents, scripts, rate, seed: 1 });
  const migration = new MigrationRun({ http, name, commands, workload, gateways, seconds, signal, view });
  try {
    await gateways?.start();
    view.say(`${name}-v1 has ${text(documents)} products; 4 readers and 4 writers start`);
    if (gateways) view.say('three of the writers use two gateways, and one bypasses them');
    view.watch(() => liveLines(workload));
    workload.start();
    await migration.goThroughPhases();
  } catch (error) {
    signal.throwIfAborted();
    migration.problems.push(messageOf(error));
  } finally {
    await workload.stop();
    await migration.stop();
    await gateways?.stop();
    await project.remove();
  }
  view.now(`comparing ${name}-v2 with the record of acknowledged writes`);
  const finished = migration.phases.length === PHASES.length;
  return makeEvidence({
    engine: { name: running.engine.name, version: running.engine.version },
    features,
    reads: workload.reads,
    writes: workload.writes,
    verify: migration.verify,
    final: finished ? await compareWithRecord(http, `${name}-v2`, workload.record, 2) : undefined,
    inSync: migration.inSync,
    wayBack: migration.wayBack,
    phases: migration.phases,
    gateways: gateways && { kills: gateways.kills, past: migration.past, spoken: migration.spoken },
    wanted: PHASES.map((phase) => phase.name),
    problems: migration.problems,
  });
}

const text = (value: number): string => value.toLocaleString('en');

function liveLines({ reads, writes }: Workload): string[] {
  const from = Object.entries(reads.byIndex).map(([index, count]) => `${text(count)} from ${index}`);
  return [
    `reads   ${text(reads.served)} served, ${reads.failed} failed, ${reads.empty} empty (${from.join(', ')})`,
    `writes  ${text(writes.acknowledged)} acknowledged, ${writes.failed} failed, ${writes.retried} retried`,
  ];
}

function whatIsMissing({ scaledFloat, edgeNgram, painless }: Features): string[] {
  return [
    ...(scaledFloat ? [] : ['this build has no scaled_float: the price of version 2 is a double']),
    ...(edgeNgram
      ? []
      : ['this build has no edge n-gram filter: titles of version 2 are analysed with shingles']),
    ...(painless ? [] : ['this build has no painless: the writers do not send scripted updates']),
  ];
}
