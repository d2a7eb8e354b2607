// Ends the hold of a coordinator that has died: opens the writes on the old leader or, if the switch was made
// already, records the switch. Then gives the lease back.
import type { Cluster } from '../../../cluster/cluster.js';
import { EventBus } from '../../../events.js';
import { loadRecord } from '../../../journal/journal.js';
import { Effects } from './effects.js';
import { Session } from '../session.js';
import { succeed, takeRecord } from './takeover.js';

/** @param by the name of the rescuing process, for the history */
export async function rescue(cluster: Cluster, name: string, by: string): Promise<void> {
  const found = await loadRecord(cluster, name);
  if (found?.source.state !== 'holding') return;
  const handle = await takeRecord(cluster, found.source, found);
  const session = new Session({
    cluster,
    effects: new Effects(cluster, handle, new EventBus()),
    bus: new EventBus(),
    signal: new AbortController().signal,
    shapes: { up: undefined, down: undefined },
    declared: { settings: {}, mappings: {} },
  });
  await succeed(session, false);
  await handle.save({
    holder: null,
    rescued: handle.record.token,
    clean: false,
    message: `the coordinator died in a hold; ${by} ended it`,
  });
}
