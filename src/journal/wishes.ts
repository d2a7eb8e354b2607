// What a user wants of a running migration, from any machine: one document that the coordinator reads.
import { randomUUID } from 'node:crypto';
import type { Cluster } from '../cluster/cluster.js';
import { getDocument } from '../cluster/operations/getDocument.js';
import { putDocument } from '../cluster/operations/putDocument.js';
import { JOURNAL, wishId } from './names.js';
import type { LeftOut, MigrationRecord, ReadsWish, ThrottleWish } from './record.js';

const WISHES = [
  'pause',
  'resume',
  'cutover',
  'switch',
  'rollback',
  'finalize',
  'abort',
  'verify',
  'writers',
  'throttle',
  'reads',
  'replay',
  'leaveOut',
] as const;
export type WishName = (typeof WISHES)[number];

export interface Wish {
  readonly kind: 'wish';
  readonly name: string;
  readonly wish: WishName;
  readonly id: string;
  readonly by: string;
  readonly at: string;
  /** Of `writers`: the shape of writes that name none. */
  readonly version?: number | undefined;
  /** Of `throttle`: what is to be changed. */
  readonly throttle?: Partial<ThrottleWish> | undefined;
  /** Of `reads`: what is to be changed. */
  readonly reads?: Partial<ReadsWish> | undefined;
  /** Of `cutover`, `switch` and `finalize`: thresholds that need not be kept. */
  readonly force?: readonly string[] | undefined;
  /** Of `leaveOut`: rejected documents that the target need not have. */
  readonly leftOut?: readonly LeftOut[] | undefined;
}

/** The last wish stands: it takes the place of one that was not seen yet. */
export async function makeWish(
  cluster: Cluster,
  asked: Pick<Wish, 'name' | 'wish' | 'by' | 'version' | 'throttle' | 'reads' | 'force' | 'leftOut'>,
): Promise<Wish> {
  const written: Wish = { kind: 'wish', ...asked, id: randomUUID(), at: new Date().toISOString() };
  const { name } = asked;
  await putDocument(cluster, { index: JOURNAL, id: wishId(name) }, written, 'any');
  return written;
}

/** What this migration was asked for last, if that was not seen yet. */
export async function readWish(
  cluster: Cluster,
  { name, handledWish, startedAt }: Pick<MigrationRecord, 'name' | 'handledWish' | 'startedAt'>,
): Promise<Wish | undefined> {
  const wish = (await getDocument<Wish>(cluster, JOURNAL, wishId(name)))?.source;
  const isNew = wish && wish.id !== handledWish && Date.parse(wish.at) >= Date.parse(startedAt);
  return isNew ? wish : undefined;
}
