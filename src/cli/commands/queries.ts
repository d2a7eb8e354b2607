// `twindex queries`: runs the application's searches on the old and the new index and compares the results.
import { writeFile } from 'node:fs/promises';
import { InvalidArgumentError, type Command } from 'commander';
import { definitionOf } from '../../api/project.js';
import { TwindexError } from '../../errors.js';
import { EventBus } from '../../events.js';
import { loadRecord } from '../../journal/journal.js';
import { isOver } from '../../protocol/record.js';
import { ProgressMeter } from '../../coordinator/migration/progressMeter.js';
import { openReplay } from '../../coordinator/migration/duties/queryReplay.js';
import { queriesOf, readQueryFile } from '../../queries/loadQueries.js';
import type { QueryReport, Replay } from '../../queries/replayQueries.js';
import { renderReport } from '../../queries/queryReport.js';
import { type Cli, type GlobalOptions } from '../cli.js';
import { print } from '../../terminal.js';
import { EXIT, type ExitCode } from '../exitCode.js';
import { printEvent } from '../text/printEvent.js';
import { withProject } from '../openProject.js';
import { startReport } from '../text/eventReport.js';

interface QueriesFlags extends GlobalOptions {
  readonly file?: string;
  readonly out?: string;
  readonly show: number;
}

export function registerQueries(command: Command, cli: Cli): void {
  command
    .option(
      '--file <file>',
      'searches, as NDJSON (default: `queries` of the index file, and recorded searches)',
    )
    .option('--show <n>', 'number of searches to show with their hits', wholeNumber, 10)
    .option('--out <file>', 'write the results of every search, as NDJSON')
    .action(cli.action((name: string, flags: QueriesFlags) => queries(name, flags, cli)));
}

const SLICE_MS = 1_000;

async function queries(name: string, flags: QueriesFlags, cli: Cli): Promise<ExitCode> {
  return withProject(flags, async (project) => {
    const { cluster } = project;
    const definition = await definitionOf(project, name);
    const given =
      flags.file === undefined
        ? await queriesOf(cluster, definition)
        : await readQueryFile(flags.file, definition.aliases.read);
    if (given.length === 0)
      throw new TwindexError(
        'usage',
        `there are no searches of ${name}: add a file with --file or as \`queries\` in ${definition.file}, or record some: twindex reads ${name} --record 5%`,
      );
    const record = (await loadRecord(cluster, name))?.source;
    if (!record || isOver(record))
      throw new TwindexError(
        'not_found',
        `no migration of ${name} is under way. Start one: twindex migrate ${name}`,
      );
    const { source, target } = record;
    const replay = await openReplay(cluster, record, given);
    const report = await execute(replay, name, flags, cli);
    if (flags.out !== undefined) await writeFile(flags.out, ndjson(report));
    const { results, ...figures } = report;
    if (flags.json)
      printEvent(cli.io, { event: 'result', name, ...figures, first: results.slice(0, flags.show) });
    else
      print(cli.io, renderReport(report, { before: source.index, after: target.index, shown: flags.show }));
    return report.errors > 0 ? EXIT.failed : EXIT.done;
  });
}

async function execute(replay: Replay, name: string, flags: QueriesFlags, cli: Cli): Promise<QueryReport> {
  const bus = new EventBus();
  const shown = startReport(bus, cli.io, flags.json ?? false);
  const meter = new ProgressMeter(bus, name);
  try {
    meter.begin('searches', replay.total);
    while (!replay.done) {
      await replay.slice(SLICE_MS, cli.signal);
      meter.set(replay.sent);
    }
    return replay.report();
  } finally {
    shown.stop();
  }
}

function ndjson({ results }: QueryReport): string {
  return results.map((result) => `${JSON.stringify(result)}\n`).join('');
}

function wholeNumber(text: string): number {
  if (/^\d+$/.test(text)) return Number(text);
  throw new InvalidArgumentError('a whole number is expected');
}
