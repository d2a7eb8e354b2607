// `twindex verify`: compares both indexes, read-only. With `--repair` the coordinator compares and repairs.
import { type Command, Option } from 'commander';
import type { Cluster } from '../../cluster/cluster.js';
import { TwindexError } from '../../errors.js';
import { EventBus } from '../../events.js';
import { newTally } from '../../protocol/replication.js';
import { leaderIndex, type MigrationRecord, followerIndex } from '../../protocol/record.js';
import { indexRefOf } from '../../protocol/clusterSides.js';
import { declaredOf } from '../../coordinator/migration/declared.js';
import { openReplication, shapesOf } from '../../coordinator/migration/duties/openReplication.js';
import { ProgressMeter } from '../../coordinator/migration/progressMeter.js';
import type { IndexDefinition } from '../../schema/types.js';
import { type CheckResult, checkIndexes } from '../../coordinator/verify/checkIndexes.js';
import { compareMappings } from '../../coordinator/verify/mappings.js';
import type { Level } from '../../coordinator/verify/pageComparison.js';
import { recordOnceInSync } from '../../coordinator/verify/coordinatorProgress.js';
import { type Cli, type GlobalOptions } from '../cli.js';
import { print } from '../../terminal.js';
import { EXIT, type ExitCode } from '../exitCode.js';
import { printEvent } from '../text/printEvent.js';
import { openFindingsFile } from '../findingsFile.js';
import { definitionOf, type Project, tellOnStderr, withProject } from '../openProject.js';
import { startReport } from '../text/eventReport.js';
import { renderCheck } from '../text/verifyText.js';
import { ask } from './steer.js';

interface VerifyFlags extends GlobalOptions {
  readonly level: Level;
  readonly sample?: number;
  readonly out?: string;
  readonly repair?: boolean;
}

export function registerVerify(command: Command, cli: Cli): void {
  command
    .addOption(
      new Option('--level <level>', 'compare only the versions of documents, or their content')
        .choices(['stamps', 'content'])
        .default('content'),
    )
    .addOption(new Option('--sample <n>', 'compare only about this many documents').argParser(sampleSize))
    .option('--out <file>', 'write every difference to a file, one JSON object per line')
    .addOption(
      new Option('--repair', 'let the coordinator compare all documents and repair differences').conflicts([
        'sample',
        'out',
      ]),
    )
    .action(cli.action((name: string, flags: VerifyFlags) => verify(name, flags, cli)));
}

async function verify(name: string, flags: VerifyFlags, cli: Cli): Promise<ExitCode> {
  if (flags.repair) return await ask('verify', name, flags, cli);
  return withProject(flags, async (project) => {
    const record = await recordOnceInSync(project.cluster, name, {
      tell: tellOnStderr(cli),
      signal: cli.signal,
    });
    const definition = await definitionOf(project, name);
    demandSameTransform(record, definition);
    const result = await compare({ project, record, definition, flags, cli });
    if (flags.json) {
      printEvent(cli.io, { event: 'result', name, level: flags.level, ...result });
    } else {
      const indexes = { leader: leaderIndex(record), follower: followerIndex(record) };
      for (const line of renderCheck(result, { name, level: flags.level, ...indexes })) print(cli.io, line);
    }
    const { different, missing, extra, behind, nonDeterministic, misfits, complete, second, mappings } =
      result;
    const wrong = different + missing + extra + misfits.length + second.wrong.length + mappings.length;
    return wrong + behind + nonDeterministic === 0 && complete ? EXIT.done : EXIT.failed;
  });
}

interface Comparison {
  readonly project: Project;
  readonly record: MigrationRecord;
  readonly definition: IndexDefinition;
  readonly flags: VerifyFlags;
  readonly cli: Cli;
}

async function compare({ project, record, definition, flags, cli }: Comparison): Promise<CheckResult> {
  const { cluster } = project;
  const shapes = shapesOf(cluster, definition, record);
  const replication = await openReplication(cluster, record, shapes, newTally());
  const file = flags.out === undefined ? undefined : await openFindingsFile(flags.out);
  const bus = new EventBus();
  const report = startReport(bus, cli.io, flags.json ?? false);
  const meter = new ProgressMeter(bus, record.name);
  try {
    return await checkIndexes({
      cluster,
      record,
      replication,
      level: flags.level,
      sample: flags.sample,
      signal: cli.signal,
      mappings: () => unannounced(cluster, record, definition),
      onFinding: (finding) => file?.add(finding),
      onBegin: (documents) => meter.begin('verify', documents),
      onRead: (documents) => meter.add(documents),
    });
  } finally {
    meter.end();
    report.stop();
    await file?.close();
  }
}

/** Mapping differences that no plan announced. Not compared after the switch: documents may add fields. */
async function unannounced(
  cluster: Cluster,
  record: MigrationRecord,
  declared: IndexDefinition,
): Promise<readonly string[]> {
  if (record.leader !== 'source') return [];
  const [source, target] = [indexRefOf(cluster, record, 'source'), indexRefOf(cluster, record, 'target')];
  return compareMappings({ source, target, declared, extras: true });
}

/** Requires the coordinator's transform: any other would report false differences. */
function demandSameTransform({ declared, name }: MigrationRecord, definition: IndexDefinition): void {
  if (declaredOf(definition).transform === declared.transform) return;
  throw new TwindexError(
    'definition_changed',
    `the transforms in ${definition.file} are not those that ${name} is migrated with, so nothing can be compared with them`,
    { hint: 'Put them back, or stop migrate and run it again with these.' },
  );
}

function sampleSize(text: string): number {
  const size = /^\d+$/.test(text) ? Number(text) : 0;
  if (size >= 1) return size;
  throw new TwindexError('usage', `--sample: "${text}" is not a whole number of documents, 1 or more`);
}
