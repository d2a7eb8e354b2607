// Handles searches of an index that is being migrated. A user sets which shares of them are recorded, sent to
// the new index as well, or answered by the new index. All other searches are forwarded unchanged.
import type { Cluster } from '../../../cluster/cluster.js';
import type { ClusterSide } from '../../../cluster/indexRef.js';
import type { FoundSearch, ReadRule } from '../../mirror/request/readRules.js';
import { searchPath } from '../../mirror/request/searchOf.js';
import type { RequestHead } from '../http/requestHead.js';
import type { ReadsPort } from '../mirrorPort.js';
import type { NodesOf } from '../upstream/clusterPools.js';
import type { Origin } from '../upstream/requestLines.js';
import { QueryRecorder } from './queryRecorder.js';
import { MAX_REQUEST, SearchTap } from './searchTap.js';
import { Shadow } from './shadow.js';
import { shareOf, readSticky, stickyValue } from './sticky.js';
import type { Tap } from './tap.js';

interface ReadsOptions {
  readonly mirror: ReadsPort;
  readonly nodes: NodesOf;
  readonly cluster: Cluster;
  readonly onWarning: (text: string) => void;
}

interface Search {
  readonly head: RequestHead;
  /** Set if another cluster than usual answers the search. */
  readonly where: ClusterSide | undefined;
  readonly tap: Tap | undefined;
}

export class Reads {
  readonly #mirror: ReadsPort;
  readonly #shadow: Shadow;
  readonly #recorder: QueryRecorder;

  constructor({ mirror, nodes, cluster, onWarning }: ReadsOptions) {
    this.#mirror = mirror;
    this.#shadow = new Shadow({ clusters: nodes, where: 'target' });
    const onKept = (name: string, queries: number): void => mirror.readTally(name).countRecorded(queries);
    this.#recorder = new QueryRecorder({ cluster, onKept, onWarning });
  }

  of(head: RequestHead, origin: Origin): Search | undefined {
    const rules = this.#mirror.readRules;
    if (!rules.active) return undefined;
    const search = rules.find(head.method, head.target);
    if (!search) return undefined;
    const { rule } = search;
    const isCanary = isOnCanary(rule, head);
    if (isCanary) this.#mirror.readTally(rule.name).countCanary();
    return {
      where: isCanary ? 'target' : undefined,
      head: isCanary ? { ...head, target: searchPath(search, rule.target) } : head,
      tap: this.#tapOf(search, isCanary, { head, origin }),
    };
  }

  stop(): void {
    this.#recorder.stop();
  }

  #tapOf(
    search: FoundSearch,
    isCanary: boolean,
    { head, origin }: { readonly head: RequestHead; readonly origin: Origin },
  ): Tap | undefined {
    const { rule } = search;
    const isMulti = search.api === '_msearch';
    const records =
      Math.random() < rule.record &&
      this.#recorder.hasRoom &&
      (!isMulti || this.#recorder.answerSlots.take());
    const compares = !isCanary && Math.random() < rule.shadow && this.#takesShadow(rule, head);
    if (!records && !compares) return undefined;
    return new SearchTap({
      search,
      head,
      origin,
      // a recorded `_msearch` needs its answer, since its status does not show which searches failed
      wantsAnswer: compares || (records && isMulti),
      onAnswered: async (answered) => {
        try {
          if (records && isMulti) this.#recorder.answerSlots.release();
          if (records && answered) this.#recorder.offer(answered);
          if (compares && answered) await this.#shadow.compare(answered, this.#mirror.readTally(rule.name));
        } finally {
          if (compares) this.#shadow.slots.release();
        }
      },
    });
  }

  #takesShadow({ name }: ReadRule, { contentLength = 0 }: RequestHead): boolean {
    if (contentLength <= MAX_REQUEST && this.#shadow.slots.take()) return true;
    this.#mirror.readTally(name).countSkipped();
    return false;
  }
}

/** Without a sticky value in the request, chance decides. */
function isOnCanary({ canary, sticky, name }: ReadRule, { lines }: RequestHead): boolean {
  if (canary === 0) return false;
  const by = sticky === null ? undefined : readSticky(sticky);
  const value = by && stickyValue(by, lines);
  return (value === undefined ? Math.random() : shareOf(value, name)) < canary;
}
