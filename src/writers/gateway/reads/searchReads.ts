// What is done with the searches of an index that is being migrated, as far as it was asked for: some are kept, some are
// sent to the new index as well, some are answered by it. All others are handed on without a look.
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
import { indexRefOf, readSticky, stickyValue } from './sticky.js';
import type { Tap } from './tap.js';

interface ReadsOptions {
  readonly mirror: ReadsPort;
  readonly nodes: NodesOf;
  readonly cluster: Cluster;
  readonly onWarning: (text: string) => void;
}

/** A request that something is done with. */
interface Search {
  /** As the node is to get it. */
  readonly head: RequestHead;
  /** Undefined: where it would go anyway. */
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
    const records = Math.random() < rule.record && this.#recorder.hasRoom;
    const compares = !isCanary && Math.random() < rule.shadow && this.#takesShadow(rule, head);
    if (!records && !compares) return undefined;
    return new SearchTap({
      search,
      head,
      origin,
      wantsAnswer: compares,
      onAnswered: async (answered) => {
        try {
          if (records && answered) this.#recorder.offer(answered);
          if (compares && answered) await this.#shadow.compare(answered, this.#mirror.readTally(rule.name));
        } finally {
          if (compares) this.#shadow.release();
        }
      },
    });
  }

  #takesShadow({ name }: ReadRule, { contentLength = 0 }: RequestHead): boolean {
    if (contentLength <= MAX_REQUEST && this.#shadow.take()) return true;
    this.#mirror.readTally(name).countSkipped();
    return false;
  }
}

/** Without a value to go by it is chance. */
function isOnCanary({ canary, sticky, name }: ReadRule, { lines }: RequestHead): boolean {
  if (canary === 0) return false;
  const by = sticky === null ? undefined : readSticky(sticky);
  const value = by && stickyValue(by, lines);
  return (value === undefined ? Math.random() : indexRefOf(value, name)) < canary;
}
