// Every change that a migration makes goes through this file, under a name. Where possible, the engine
// refuses a change by a replaced coordinator. Tests kill the process before or after a change.
import { appendFileSync } from 'node:fs';
import type { Cluster } from '../../../cluster/cluster.js';
import { type AliasAction, indexOf, updateAliases } from '../../../cluster/indices/updateAliases.js';
import { isTwindexError, TwindexError } from '../../../errors.js';
import type { EventBus } from '../../../events.js';
import type { RecordHandle } from '../../../journal/journal.js';
import { JOURNAL, tokenAlias } from '../../../protocol/names.js';
import { clusterOf, leaderOf, isBetweenClusters, followerOf } from '../../../protocol/clusterSides.js';
import type { MigrationRecord } from '../../../protocol/record.js';

/** It is unknown whether a change was made. The coordinator then takes a new token and reads the aliases. */
export class OutcomeUnknown extends Error {}

export class Effects {
  readonly #cluster: Cluster;
  readonly #bus: EventBus;
  readonly handle: RecordHandle;
  /** Whether a request of this process is unanswered, and so may still arrive. */
  unanswered = false;

  constructor(cluster: Cluster, handle: RecordHandle, bus: EventBus) {
    this.#cluster = cluster;
    this.#bus = bus;
    this.handle = handle;
  }

  /** @throws OutcomeUnknown */
  async run<T>(name: string, change: () => Promise<T>): Promise<T> {
    const started = performance.now();
    await crashPoint('before', name);
    try {
      const result = await change();
      await crashPoint('after', name);
      this.#bus.emit('effect', {
        migration: this.handle.record.name,
        name,
        ms: Math.round(performance.now() - started),
      });
      return result;
    } catch (error) {
      if (!mayHaveBeenDone(error)) throw error;
      this.unanswered = true;
      throw new OutcomeUnknown(`${name}: ${error.message}`, { cause: error });
    }
  }

  /**
   * Makes an `_aliases` call to each cluster concerned. Without the coordinator's token it is refused.
   * @param timeoutMs how long to wait for an answer; default: as for any request
   */
  async aliases(name: string, actions: readonly AliasAction[], timeoutMs?: number): Promise<void> {
    const { record } = this.handle;
    const alias = tokenAlias(record.name, record.token);
    const demand: AliasAction[] = [
      { remove: { index: JOURNAL, alias, must_exist: true } },
      { add: { index: JOURNAL, alias, is_hidden: true } },
    ];
    for (const [n, part] of aliasParts(this.#cluster, record, actions).entries()) {
      const result = await this.run(n === 0 ? name : `${name}Too`, () =>
        updateAliases(part.cluster, [...demand, ...part.actions], timeoutMs),
      );
      if (result.type === 'missing')
        throw new TwindexError(
          'fenced',
          `an alias is not where the migration of ${record.name} left it (${result.reason})`,
        );
    }
  }
}

interface AliasPart {
  readonly cluster: Cluster;
  readonly actions: readonly AliasAction[];
}

/** One call for each cluster, with the leader's call first (docs/protocol.md, "Between clusters"). */
function aliasParts(
  cluster: Cluster,
  record: MigrationRecord,
  actions: readonly AliasAction[],
): readonly AliasPart[] {
  if (!isBetweenClusters(record)) return [{ cluster, actions }];
  const leader = leaderOf(cluster, record);
  const follower = followerOf(cluster, record);
  return [leader, follower]
    .map((at) => ({
      cluster: at.cluster,
      actions: actions.filter((action) => clusterOf(cluster, record, indexOf(action)) === at.cluster),
    }))
    .filter((part) => part.actions.length > 0);
}

/** Whether the change may have been made: there was no answer, or only the answer of a proxy or a busy master. */
export function mayHaveBeenDone(error: unknown): error is TwindexError {
  return isTwindexError(error, 'unanswered', 'overloaded') && error.status !== 429;
}

/** Tests set these to kill the process before or after an effect (docs/architecture.md, "Tests"). */
const crashAt = process.env['TWINDEX_CRASH'];
const effectsFile = process.env['TWINDEX_EFFECTS'];
let crashed = false;

async function crashPoint(moment: 'before' | 'after', name: string): Promise<void> {
  if (effectsFile && moment === 'before') appendFileSync(effectsFile, `${name}\n`);
  if (crashed || crashAt !== `${moment}:${name}`) return;
  crashed = true; // Crash only once, since a stopped process may continue
  process.kill(process.pid, process.env['TWINDEX_CRASH_SIGNAL'] === 'SIGSTOP' ? 'SIGSTOP' : 'SIGKILL');
  await new Promise((resolve) => setTimeout(resolve, 1_000)); // Wait until the signal has arrived
}
