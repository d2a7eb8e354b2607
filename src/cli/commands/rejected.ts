// `twindex rejected`: lists, replays, edits or drops documents that the new index or the transform refused.
import { type Command, Option } from 'commander';
import { definitionOf, type Project } from '../../api/project.js';
import { reasonLines } from '../../commonReason.js';
import { TwindexError } from '../../errors.js';
import { loadRecord } from '../../journal/journal.js';
import { isOver, type MigrationRecord, followerIndex } from '../../protocol/record.js';
import { byReason, isLeftOut, type RejectedDocument } from '../../journal/rejectedDocuments.js';
import { rejectedOf, type Replayed, replay } from '../../coordinator/migration/steering/retryRejected.js';
import {
  type RejectedIn,
  replaceRejected,
  showRejected,
} from '../../coordinator/migration/duties/rejectedDocument.js';
import { steerRunning } from '../../coordinator/migration/steering/sendCommand.js';
import { askToType, requireYes } from '../ask.js';
import { type Cli, type GlobalOptions } from '../cli.js';
import { print } from '../../terminal.js';
import { EXIT, type ExitCode } from '../exitCode.js';
import { withSourceMaybeAway } from '../openProject.js';
import { choose, chooseOne, nameOf, readDocument } from '../rejectedChoice.js';
import { count } from '../../words.js';

interface RejectedFlags extends GlobalOptions {
  readonly routing?: string;
  readonly file?: string;
  readonly all?: boolean;
  readonly yes?: boolean;
}

interface Request {
  readonly project: Project;
  readonly record: MigrationRecord;
  readonly documents: readonly RejectedDocument[];
  readonly flags: RejectedFlags;
  readonly cli: Cli;
}

const ACTIONS: Readonly<Record<string, (request: Request, ids: readonly string[]) => Promise<ExitCode>>> = {
  list,
  show,
  replay: replaySome,
  edit,
  drop,
};

export function registerRejected(command: Command, cli: Cli): void {
  // only the help and the completion use the choices. The parser accepts any action, since `run` has a better error
  command.registeredArguments[1]?.choices(Object.keys(ACTIONS)).argParser((text: string) => text);
  command
    .option('--routing <routing>', 'routing of the document, if several rejected documents have its id')
    .option('--file <file>', 'for edit: the corrected document, in the old shape; - for stdin')
    .addOption(new Option('--all', 'for drop: all rejected documents'))
    .option('--yes', 'for drop: do not ask')
    .action(
      cli.action((name: string, action: string | undefined, ids: string[], flags: RejectedFlags) =>
        run({ name, action: action ?? 'list', ids, flags, cli }),
      ),
    );
}

async function run(asked: {
  readonly name: string;
  readonly action: string;
  readonly ids: readonly string[];
  readonly flags: RejectedFlags;
  readonly cli: Cli;
}): Promise<ExitCode> {
  const { name, action, ids, flags, cli } = asked;
  const act = Object.hasOwn(ACTIONS, action) ? ACTIONS[action] : undefined;
  if (!act)
    throw new TwindexError(
      'usage',
      `rejected: "${action}" is not one of ${Object.keys(ACTIONS).join(', ')}. See twindex rejected --help.`,
    );
  return withSourceMaybeAway(
    flags,
    async (project) => {
      const record = (await loadRecord(project.cluster, name))?.source;
      if (!record)
        throw new TwindexError('not_found', `no migration of ${name} is known. See: twindex status`);
      if (isOver(record) && action !== 'list')
        throw new TwindexError(
          'unsafe',
          `the migration of ${name} is already ${record.state}, so its rejected documents can only be listed`,
        );
      const documents = await rejectedOf(project.cluster, record);
      return await act({ project, record, documents, flags, cli }, ids);
    },
    { indexes: 'later' },
  );
}

async function list({ record, documents, flags, cli }: Request): Promise<ExitCode> {
  const all = documents.map(({ id, routing, reason, at }) => ({
    id,
    routing,
    reason,
    at,
    leftOut: isLeftOut(record.leftOut, { id, routing: routing ?? undefined }),
  }));
  const reasons = byReason(documents);
  if (flags.json) {
    print(cli.io, JSON.stringify({ name: record.name, rejected: all, byReason: reasons }));
    return EXIT.done;
  }
  if (all.length === 0) print(cli.io, `no document of ${record.name} is rejected`);
  else print(cli.io, `${reasonLines(reasons, all.length).join('\n')}\n`);
  for (const each of all)
    print(
      cli.io,
      `${nameOf(each)}${each.leftOut ? ', left out' : ''}, last tried ${each.at}: ${each.reason}`,
    );
  return EXIT.done;
}

async function show(request: Request, ids: readonly string[]): Promise<ExitCode> {
  const { flags, cli } = request;
  const document = chooseOne(amongOf(request), ids);
  const { id, routing, reason, at } = document;
  const where = await whereOf(request);
  const shown = await showRejected(where, { id, routing: routing ?? undefined });
  const { becomes } = shown;
  if (flags.json) {
    // the raw bytes of the document, so that numbers keep all digits
    const made = becomes?.type === 'index' ? becomes.document : 'null';
    const refusal = becomes?.type === 'refused' ? becomes.reason : null;
    const facts = { id, routing, reason, at, dropped: becomes?.type === 'drop', refusal };
    print(
      cli.io,
      `${JSON.stringify(facts).slice(0, -1)},"document":${shown.document ?? 'null'},"becomes":${made}}`,
    );
    return EXIT.done;
  }
  const made =
    becomes?.type === 'index'
      ? becomes.document
      : becomes?.type === 'drop'
        ? 'nothing: the transform drops it'
        : becomes?.reason;
  print(cli.io, nameOf(document));
  print(cli.io, `  rejected   ${reason}`);
  print(cli.io, `  last tried ${at}`);
  // do not use `print`, which may replace names of commands in the content of the document
  cli.io.stdout.write(`  document   ${shown.document ?? 'does not exist any more'}\n`);
  if (made !== undefined) cli.io.stdout.write(`  becomes    ${made}\n`);
  return EXIT.done;
}

async function replaySome(request: Request, ids: readonly string[]): Promise<ExitCode> {
  const chosen = ids.length === 0 ? request.documents : choose(amongOf(request), ids);
  return await replayAndTell(request, chosen);
}

async function edit(request: Request, ids: readonly string[]): Promise<ExitCode> {
  const { flags, cli } = request;
  const document = chooseOne(amongOf(request), ids);
  if (flags.file === undefined)
    throw new TwindexError(
      'usage',
      'rejected edit: name the file with the corrected document: --file FILE, or --file - for stdin',
    );
  const text = await readDocument(flags.file, cli);
  const where = await whereOf(request);
  await replaceRejected(where, { id: document.id, routing: document.routing ?? undefined }, text);
  return await replayAndTell(request, [document]);
}

async function whereOf({ project, record, cli }: Request): Promise<RejectedIn> {
  const definition = await definitionOf(project, record.name);
  return { cluster: project.cluster, record, definition, signal: cli.signal };
}

async function drop(request: Request, ids: readonly string[]): Promise<ExitCode> {
  const { project, record, documents, flags, cli } = request;
  if (ids.length === 0 && !flags.all)
    throw new TwindexError('usage', 'rejected drop: name the documents, or add --all');
  const chosen = flags.all ? documents : choose(amongOf(request), ids);
  if (chosen.length === 0) {
    print(
      cli.io,
      flags.json
        ? JSON.stringify({ name: record.name, leftOut: [] })
        : `no document of ${record.name} is rejected`,
    );
    return EXIT.done;
  }
  const some = count(chosen.length, 'document');
  const what =
    record.leader === 'source'
      ? `${some} will be missing in ${record.target.index}`
      : `changes of ${some} will not be copied to ${record.source.index}`;
  if (!flags.yes) {
    requireYes(cli, flags.json, what);
    if (!(await askToType(cli, `${record.name}: ${what}.`, followerIndex(record)))) return EXIT.done;
  }
  const leftOut = chosen.map(({ id, routing }) => ({ id, routing }));
  await steerRunning(project.cluster, record.name, 'leaveOut', { signal: cli.signal, leftOut });
  print(
    cli.io,
    flags.json
      ? JSON.stringify({ name: record.name, leftOut })
      : `${record.name}: ${some} left out of ${followerIndex(record)}`,
  );
  return EXIT.done;
}

async function replayAndTell(
  { project, record, flags, cli }: Request,
  documents: readonly RejectedDocument[],
): Promise<ExitCode> {
  const replayed = await replay(project.cluster, record, documents, cli.signal);
  if (flags.json) print(cli.io, JSON.stringify({ name: record.name, replayed }));
  else for (const each of replayed) print(cli.io, `${nameOf(each)}: ${OUTCOMES[each.outcome](each)}`);
  return replayed.some(({ outcome }) => outcome === 'rejected' || outcome === 'notTried')
    ? EXIT.failed
    : EXIT.done;
}

const OUTCOMES: Readonly<Record<Replayed['outcome'], (replayed: Replayed) => string>> = {
  taken: () => 'taken',
  gone: () => 'the document does not exist any more',
  rejected: ({ reason }) => `rejected again: ${reason}`,
  notTried: () => 'the coordinator has not tried this document yet. See twindex status',
};

const amongOf = ({ record, documents, flags }: Request) => ({
  name: record.name,
  documents,
  routing: flags.routing,
});
