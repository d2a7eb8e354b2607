// Sends searches to the new index, too, and compares its answers with those of the old index. No client waits
// for this. Searches beyond a limit are skipped.
import type { FoundSearch } from '../../mirror/request/readRules.js';
import type { ReadTally } from '../../mirror/lease/readTally.js';
import { searchPath } from '../../mirror/request/searchOf.js';
import type { UpstreamReply } from '../../mirror/request/upstream.js';
import { messageOf } from '../../../errors.js';
import { compareShown } from '../../../queries/compare.js';
import { type Destination, MirrorUpstream } from '../upstream/mirrorUpstream.js';
import { answersIn, searchesIn } from './multiSearch.js';
import { type AnsweredSearch, MAX_ANSWER } from './searchTap.js';
import { BackgroundQueue } from './backgroundQueue.js';
import { Slots } from '../../../slots.js';

/** The most searches at one time, to limit memory. */
const MOST_HELD = 24;
/** Usually one search runs at a time, to keep clients' searches fast; one more for every six that wait. */
const WAITING_FOR_ANOTHER = 6;
const ANSWER_MS = 5_000;
/** Limit in bytes for answers of the new index, whose documents may be larger than those of the old index. */
const MOST_ANSWER = 4 * MAX_ANSWER;
/** Statuses of a busy engine. They do not count as errors of the new index. */
const BUSY = new Set([429, 503]);

export class Shadow {
  readonly #target: Destination;
  readonly #turns = new BackgroundQueue(WAITING_FOR_ANOTHER);
  /** One slot for each search, from the first byte of its request to its comparison. */
  readonly slots = new Slots(MOST_HELD);

  constructor(target: Destination) {
    this.#target = target;
  }

  /** Never rejects. */
  async compare(answered: AnsweredSearch, tally: ReadTally): Promise<void> {
    const { head, body, answer, ms: sourceMs } = answered;
    if (!answer || !body || goesElsewhere(answered, body)) return tally.countSkipped();
    try {
      const { reply, targetMs } = await this.#turns.take(async () => {
        const beganAt = performance.now();
        return { reply: await this.#send(answered, body), targetMs: performance.now() - beganAt };
      });
      if (BUSY.has(reply.status)) return tally.countSkipped();
      for (const { before, after, ...asked } of pairsOf(answered.search, { head, body, answer, reply })) {
        const comparison = compareShown(before, after);
        if (comparison.undecided === undefined) tally.add({ ...asked, sourceMs, targetMs, comparison });
        else tally.countSkipped();
      }
    } catch (error) {
      tally.countError({ path: head.target, body: body.toString() }, messageOf(error));
    }
  }

  /** Sends the search with the client's own authorization. */
  async #send({ search, head, origin }: AnsweredSearch, body: Buffer): Promise<UpstreamReply> {
    const limits = { timeoutMs: ANSWER_MS, maxAnswer: MOST_ANSWER };
    const upstream = new MirrorUpstream(this.#target, head, origin, limits);
    return upstream.send({
      method: head.method,
      path: searchPath(search, search.rule.target),
      headers: {},
      body: body.length > 0 ? body : undefined,
    });
  }
}

/** Whether a `_msearch` has a search with a header, which may name another index than the path. */
function goesElsewhere({ search }: AnsweredSearch, body: Buffer): boolean {
  return search.api === '_msearch' && searchesIn(body.toString()).includes(undefined);
}

interface Pair {
  readonly path: string;
  readonly body: string;
  readonly before: Buffer;
  readonly after: Buffer;
}

interface Exchanged extends Pick<AnsweredSearch, 'head'> {
  readonly body: Buffer;
  readonly answer: Buffer;
  readonly reply: UpstreamReply;
}

/** Pairs the answers of both indexes to each search. A search that failed on the old index is left out. */
function pairsOf({ api, name }: FoundSearch, { head, body, answer, reply }: Exchanged): Pair[] {
  if (api !== '_msearch' || reply.status >= 300)
    return [{ path: head.target, body: body.toString(), before: answer, after: reply.body }];
  const path = searchPath({ api: '_search', query: '' }, name);
  const after = answersIn(reply.body);
  const searches = searchesIn(body.toString());
  return answersIn(answer).flatMap((before, n): Pair[] => {
    const [search, other] = [searches[n], after[n]];
    return search === undefined || before.failed || !other
      ? []
      : [{ path, body: search, before: before.body, after: other.body }];
  });
}
