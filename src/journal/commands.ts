// The queue of the users' commands for a running migration, in the journal. `twindex` appends commands by
// compare-and-set, and the coordinator carries them out in this order. The order does not depend on clocks.
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
  /** The command's number in the queue. The first command of a name is 1. */
  readonly number: number;
  readonly id: string;
  readonly name: string;
  /** The `id` of the migration. A later migration of the same name must not get the command. */
  readonly migration: string;
  readonly command: CommandName;
  /** `user@host` */
  readonly by: string;
  /** The time when the user gave the command, by the clock of the user's machine. For display only. */
  readonly at: string;
  /** The coordinator withdraws a move that has not begun this long after it has read the command. */
  readonly timeoutMs: number;
  /** Whether the command replaces earlier commands that contradict it, even those of other users. */
  readonly supersede?: boolean | undefined;
  /** For the command `writers`: the version of documents in writes that name no version. */
  readonly version?: number | undefined;
  readonly throttle?: Partial<ThrottleCommand> | undefined;
  readonly reads?: Partial<ReadsCommand> | undefined;
  /** For `cutover`, `switch` and `finalize`: the names of thresholds that need not hold. */
  readonly force?: readonly string[] | undefined;
  readonly leftOut?: readonly LeftOut[] | undefined;
}

interface Queue {
  readonly kind: 'commands';
  readonly name: string;
  readonly last: number;
  /** The last command, and the earlier commands that the coordinator had not taken up when it was added. */
  readonly commands: readonly Command[];
}

const MAX_WAITING = 100;
/** Adding a command may fail because other processes add commands at the same moment. */
const TRIES = 40;

export async function lastCommand(cluster: Cluster, name: string): Promise<number> {
  return (await readQueue(cluster, name))?.source.last ?? 0;
}

export async function waitingCommands(
  cluster: Cluster,
  record: MigrationRecord,
): Promise<readonly Command[]> {
  return waitingOf((await readQueue(cluster, record.name))?.source, record);
}

/** @param look loads the record, and throws if the command is not allowed after the commands that are waiting */
export async function addCommand(
  cluster: Cluster,
  asked: Omit<Command, 'number' | 'id' | 'at' | 'migration'>,
  look: (waitingOf: (record: MigrationRecord) => readonly Command[]) => Promise<MigrationRecord>,
): Promise<Command> {
  const { name } = asked;
  const id = randomUUID();
  for (let attempt = 0; ; attempt++) {
    // Read the queue before the record. If a migration begins in between, the compare-and-set fails.
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
      // The next attempt finds out whether the command was added.
      if (!isTwindexError(error, 'unanswered', 'overloaded', 'unreachable') || attempt >= TRIES) throw error;
    }
    if (attempt >= TRIES)
      throw new TwindexError(
        'overloaded',
        `too many processes send commands for ${name} at the same time. Run the command again`,
      );
    await sleep(backoffMs(Math.min(attempt, 3)));
  }
}

const readQueue = (cluster: Cluster, name: string) => getDocument<Queue>(cluster, JOURNAL, commandsId(name));

const waitingOf = (queue: Queue | undefined, { id, commands }: MigrationRecord): readonly Command[] =>
  queue?.commands.filter(({ migration, number }) => migration === id && number > commands.taken) ?? [];

const tooMany = (name: string): TwindexError =>
  new TwindexError(
    'overloaded',
    `${MAX_WAITING} commands are waiting for a coordinator of ${name}. Start one: twindex migrate ${name}`,
  );
