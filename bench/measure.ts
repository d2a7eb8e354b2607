// One measurement in a process of its own, so that its memory and CPU are nobody else's. The job comes as JSON in the
// first argument, the result goes as JSON to stdout.
import { setTimeout as sleep } from 'node:timers/promises';
import { type Cluster, connect } from '../src/cluster/cluster.js';
import { newTally, openDirection, type Refused, type Reshape } from '../src/follow/direction.js';
import { PageReader } from '../src/follow/pageReader.js';
import { asTheyAre, reshapeWith } from '../src/follow/reshape.js';
import { followRound } from '../src/follow/round.js';
import { transformChain } from '../src/schema/chain.js';
import { bulkBody, requestsFor, sendBodies } from './load.js';
import { residentMb } from './proc.js';
import { parsePrice, products } from './products.js';

export interface Job {
  readonly kind: 'follow' | 'follow-transform' | 'bulk';
  readonly url: string;
  readonly source: string;
  readonly target: string;
  /** The alias on the target that following writes through. */
  readonly feed: string;
  readonly documents: number;
}

export interface Measured {
  readonly seconds: number;
  readonly cpuSeconds: number;
  readonly peakRssMb: number;
}

/** As in a migration, where a round is followed by saving the cursor. */
const ROUND_MS = 3_000;

const job = JSON.parse(process.argv[2] ?? '{}') as Job;
const cluster = await connect({ nodes: [job.url] });
try {
  const work = await prepare();
  const cpuBefore = process.cpuUsage();
  const began = performance.now();
  await work();
  const seconds = (performance.now() - began) / 1_000;
  const { user, system } = process.cpuUsage(cpuBefore);
  const measured: Measured = {
    seconds,
    cpuSeconds: (user + system) / 1e6,
    peakRssMb: residentMb('self', 'VmHWM') ?? 0,
  };
  console.log(JSON.stringify(measured));
} finally {
  await cluster.close();
}

/** What has to be there before the clock starts. */
async function prepare(): Promise<() => Promise<void>> {
  if (job.kind !== 'bulk') return () => follow(cluster, job.kind === 'follow' ? asTheyAre : transformed());
  const bodies = Array.from({ length: requestsFor(job.documents) }, (_, n) =>
    bulkBody(products, n, job.documents),
  );
  return () => sendBodies(cluster, job.target, { count: bodies.length, body: (n) => bodies[n] as Buffer });
}

/** As `migrate` runs a transform. */
function transformed(): Reshape {
  const chain = transformChain({ name: 'products', migrations: { 2: { up: parsePrice } } }, 1, 2);
  if (!chain) throw new Error('there is no transform');
  return reshapeWith(chain);
}

/** Back-fill: rounds from the beginning until one has caught up. */
async function follow(on: Cluster, reshape: Reshape): Promise<void> {
  const direction = await openDirection({
    cluster: on,
    first: job.source,
    second: job.target,
    feed: job.feed,
    epoch: 1,
    reshape,
    reshapeBack: asTheyAre,
    roleStart: [-1],
    tally: newTally(),
  });
  const reader = new PageReader(on, 'source');
  let cursors = [-1];
  for (;;) {
    const round = await followRound(direction, {
      cursors,
      reader,
      budgetMs: ROUND_MS,
      feed: {},
      keepRefused,
    });
    if (round.type === 'confirmed') cursors = round.cursors;
    if (round.type === 'confirmed' && round.caughtUp) return;
    if (round.type === 'repeat') await sleep(100);
  }
}

function keepRefused([first]: readonly Refused[]): Promise<void> {
  throw new Error(`${first?.key.id} was refused: ${first?.reason}`);
}
