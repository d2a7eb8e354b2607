// `twindex verify`: compares both indexes, read-only. With `--repair` the coordinator compares and repairs.
import { type Command, Option } from 'commander';
import type { Project } from '../../api/project.js';
import { isEqual } from '../../api/twindexResults.js';
import { type Verified, verifyIndexes } from '../../api/verifyIndexes.js';
import { TwindexError } from '../../errors.js';
import { EventBus } from '../../events.js';
import { leaderIndex, followerIndex } from '../../protocol/record.js';
import type { Level } from '../../coordinator/verify/pageComparison.js';
import { type Cli, type GlobalOptions } from '../cli.js';
import { print } from '../../terminal.js';
import { EXIT, type ExitCode } from '../exitCode.js';
import { printEvent } from '../text/printEvent.js';
import { type FindingsFile, openFindingsFile } from '../findingsFile.js';
import { tellOnStderr, withProject } from '../openProject.js';
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
      new Option(
        '--level <level>',
        'stamps: skip the content of documents whose versions prove that they are equal',
      )
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
    const { record, result } = await compare(project, name, flags, cli);
    if (flags.json) {
      printEvent(cli.io, { event: 'result', name, level: flags.level, ...result });
    } else {
      const indexes = { leader: leaderIndex(record), follower: followerIndex(record) };
      for (const line of renderCheck(result, { name, level: flags.level, ...indexes })) print(cli.io, line);
    }
    return isEqual(result) ? EXIT.done : EXIT.failed;
  });
}

async function compare(project: Project, name: string, flags: VerifyFlags, cli: Cli): Promise<Verified> {
  const { level, sample, out } = flags;
  const bus = new EventBus();
  const report = startReport(bus, cli.io, flags.json ?? false);
  const opened: { file?: FindingsFile } = {};
  try {
    return await verifyIndexes(project, {
      name,
      level,
      sample,
      bus,
      signal: cli.signal,
      tell: tellOnStderr(cli),
      onReady: async () => {
        if (out !== undefined) opened.file = await openFindingsFile(out);
      },
      onFinding: (finding) => opened.file?.add(finding),
    });
  } finally {
    report.stop();
    await opened.file?.close();
  }
}

function sampleSize(text: string): number {
  const size = /^\d+$/.test(text) ? Number(text) : 0;
  if (size >= 1) return size;
  throw new TwindexError('usage', `--sample: "${text}" is not a whole number of documents, 1 or more`);
}
