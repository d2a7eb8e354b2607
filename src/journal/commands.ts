// What people ask of a running migration, from any machine: a queue in the journal. Whoever gives a command adds it at the end
// under compare-and-set; the coordinator takes them up in this order, and notes in the migration's own document what has become
// of each. So the order is the journal's, and no two clocks are ever compared.
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { backoffMs } from '../cluster/clusterConnection.js';
import type { Cluster } from '../cluster/cluster.js';
import { getDocument } from '../cluster/documents/getDocument.js';
import { putDocument } from '../cluster/documents/putDocument.js';
import { isTwindexError, TwindexError } from '../errors.js';
import { commandsId, JOURNAL } from '../protocol/names.js';
import type {
  CommandName,
  LeftOut,
  MigrationRecord,
  ReadsCommand,
  ThrottleCommand,
} from '../protocol/record.js';

export interface Command {
  /** Its place in the queue: the first command of a name is 1. */
  readonly number: number;
  readonly id: string;
  /** The name of the migrated index. */
  readonly name: string;
  /** The `id` of the migration that it is meant for: the next migration of the name is another one. */
  readonly migration: string;
  readonly command: CommandName;
  /** `user@host` */
  readonly by: string;
  /** By the clock of whoever gave it. Only shown. */
  readonly at: string;
  /** After so long, a move that has not begun is not asked for any more. Counted from when it was taken up. */
  readonly timeoutMs: number;
  /** It holds although another command, of somebody else perhaps, stands against it. */
  readonly supersede?: boolean | undefined;
  /** Of `writers`: the shape of writes that name none. */
  readonly version?: number | undefined;
  /** Of `throttle`: what is to be changed. */
  readonly throttle?: Partial<ThrottleCommand> | undefined;
  /** Of `reads`: what is to be changed. */
  readonly reads?: Partial<ReadsCommand> | undefined;
  /** Of `cutover`, `switch` and `finalize`: thresholds that need not be kept. */
  readonly force?: readonly string[] | undefined;
  /** Of `leaveOut`: rejected documents that the target need not have. */
  readonly leftOut?: readonly LeftOut[] | undefined;
}

interface Queue {
  readonly kind: 'commands';
  readonly name: string;
  /** The number of the command that was added last. */
  readonly last: number;
  /** Those that were not taken up when the last one was added, and that one. */
  readonly commands: readonly Command[];
}

/** So many commands may wait for a coordinator. */
const MAX_WAITING = 100;
/** Others may add theirs at the same moment. */
const TRIES = 40;

/** The number of the command that was added last; 0: there was none yet. */
export async function lastCommand(cluster: Cluster, name: string): Promise<number> {
  return (await readQueue(cluster, name))?.source.last ?? 0;
}

/** What this migration was asked for and has not taken up yet, in the order of the queue. */
export async function waitingCommands(
  cluster: Cluster,
  record: MigrationRecord,
): Promise<readonly Command[]> {
  return waitingOf((await readQueue(cluster, record.name))?.source, record);
}

/**
 * Adds a command at the end of the queue.
 * @param look called with what waits before it; returns the migration as it is now; throws where the command can't be given
 */
export async function addCommand(
  cluster: Cluster,
  asked: Omit<Command, 'number' | 'id' | 'at' | 'migration'>,
  look: (waitingOf: (record: MigrationRecord) => readonly Command[]) => Promise<MigrationRecord>,
): Promise<Command> {
  const { name } = asked;
  const id = randomUUID();
  for (let attempt = 0; ; attempt++) {
    // before the migration's own document: what belongs to a migration that begins in between is then seen by compare-and-set
    const found = await readQueue(cluster, name);
    const before = found?.source.commands.find((each) => each.id === id);
    if (before) return before;
    const record = await look((of) => waitingOf(found?.source, of));
    const taken = [...record.commands.pending, ...record.commands.ended].find((each) => each.id === id);
    const number = taken?.number ?? (found?.source.last ?? 0) + 1;
    const at = new Date().toISOString();
    const command: Command = { ...asked, number, id, migration: record.id, at };
    if (taken) return command;
    const waiting = waitingOf(found?.source, record);
    if (waiting.length >= MAX_WAITING) throw tooMany(name);
    const queue: Queue = { kind: 'commands', name, last: number, commands: [...waiting, command] };
    try {
      const where = { index: JOURNAL, id: commandsId(name) };
      if ((await putDocument(cluster, where, queue, found ?? 'missing')).type === 'written') return command;
    } catch (error) {
      // the next look tells whether it was added
      if (!isTwindexError(error, 'unanswered', 'overloaded', 'unreachable') || attempt >= TRIES) throw error;
    }
    if (attempt >= TRIES)
      throw new TwindexError('overloaded', `too many commands are given to ${name} at once`);
    await sleep(backoffMs(Math.min(attempt, 3)));
  }
}

const readQueue = (cluster: Cluster, name: string) => getDocument<Queue>(cluster, JOURNAL, commandsId(name));

const waitingOf = (queue: Queue | undefined, { id, commands }: MigrationRecord): readonly Command[] =>
  queue?.commands.filter(({ migration, number }) => migration === id && number > commands.taken) ?? [];

const tooMany = (name: string): TwindexError =>
  new TwindexError(
    'overloaded',
    `${MAX_WAITING} commands wait for somebody who coordinates the migration of ${name}: twindex migrate ${name}`,
  );
