// A process' connection to the simulated cluster, however often it takes.
import { type Cluster, connect } from '../../src/cluster/cluster.js';
import { isTwindexError } from '../../src/errors.js';
import type { Process } from './world.js';

export async function connected({ origin }: Process): Promise<Cluster> {
  for (;;) {
    try {
      return await connect({ nodes: [origin], requestTimeoutMs: 5_000 });
    } catch (error) {
      if (!isTwindexError(error, 'unanswered', 'unreachable', 'overloaded')) throw error;
    }
  }
}
