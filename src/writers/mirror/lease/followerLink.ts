// Keeps a writer's state about one follower: the circuit breaker, and the confirmer, which checks after a
// version conflict that no fail-over can undo the copy on the follower.
import type { IndexRef } from '../../../cluster/indexRef.js';
import { indexRouting } from '../../../cluster/indices/indexRouting.js';
import { once } from '../../../once.js';
import { within } from '../../../within.js';
import { CopyConfirmer } from '../copies/copyConfirmer.js';
import { type BreakerLimits, FollowerBreaker } from '../copies/followerBreaker.js';
import { probeOf, takesWrites } from '../request/probe.js';

const CONFIRMER_MS = 500;

interface LinkOptions {
  readonly breaker: BreakerLimits;
  /** The alias for copies, if the writer mirrors now. */
  readonly mirrorAlias: () => string | undefined;
  readonly onChange: () => void;
  readonly onWarning: (text: string) => void;
}

export class FollowerLink {
  readonly index: string;
  readonly breaker: FollowerBreaker;
  readonly #openConfirmer: () => Promise<CopyConfirmer>;

  constructor(follower: IndexRef, { breaker, mirrorAlias, onChange, onWarning }: LinkOptions) {
    const { cluster, index } = follower;
    this.index = index;
    this.#openConfirmer = once(() => CopyConfirmer.open(follower));
    const shardProbes = once(async () => probeOf(await indexRouting(cluster, index)));
    this.breaker = new FollowerBreaker({
      ...breaker,
      probe: async () => {
        const alias = mirrorAlias();
        return alias !== undefined && (await takesWrites(cluster, alias, await shardProbes()));
      },
      onChange: () => {
        const { away } = this.breaker;
        onWarning(
          away
            ? `${index} accepts no copies (${away.reason}): writes are acknowledged without it, and the coordinator copies them later`
            : `${index} accepts copies again`,
        );
        onChange();
      },
    });
  }

  /** @returns undefined if the follower does not answer within 500 ms. A later call tries again */
  async confirmer(): Promise<CopyConfirmer | undefined> {
    return await within(this.#openConfirmer(), CONFIRMER_MS).catch(() => undefined);
  }
}
