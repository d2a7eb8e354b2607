// Handles all documents with the same id together. If the follower has another number of shards, two documents
// with one id and different routings may belong in the same shard of it, which can have only one of them
// (docs/protocol.md, "Routing").
import type { DocumentKey } from '../../cluster/documents/multiGet.js';
import { refresh } from '../../cluster/indices/refresh.js';
import { TwindexError } from '../../errors.js';
import { Confirmation } from '../../protocol/confirm.js';
import type { Replication, Refused, Shaped } from '../../protocol/replication.js';
import { feed, type FeedOperation, type FeedOptions } from './feedWriter.js';
import { getDocs } from '../../documents/getDocs.js';
import type { Doc, Hit } from '../../documents/hits.js';
import { isExpectedExtra } from './truthExemptions.js';
import { PageReader } from '../../documents/pageReader.js';
import { shardOf } from '../../protocol/shardOf.js';
import { isOfEpoch, isReconciled, reconciledVersion, stampOf } from '../../protocol/stamp.js';
import { untouchedUpTo } from './untouched.js';

const IDS_AT_ONCE = 1_000;
const TRIES = 5;

interface Reconciled {
  readonly refused: readonly Refused[];
  readonly deleted: number;
}

/**
 * Like `feed`, for documents that were read from the leader. A 409 does not prove that the follower has the
 * document, since the larger version there may come from another shard of the leader. So the follower is read
 * after a 409. Ids that the leader has in several shards are reconciled.
 * @returns the operations that the index will never accept
 */
export async function feedById(
  replication: Replication,
  operations: readonly FeedOperation[],
  options: FeedOptions,
): Promise<Refused[]> {
  const several = await idsElsewhere(replication, keysIn(operations));
  const plain = operations.filter(({ key }) => !several.has(key.id));
  const { refused, conflicts } = await feedNoting(replication, plain, options);
  const unmatched = [
    ...keysIn(operations).filter(({ id }) => several.has(id)),
    ...(await obstructed(replication, conflicts, options)),
  ];
  const result = await reconcile(replication, unmatched, options, true);
  if (!result)
    throw new TwindexError(
      'overloaded',
      `shards of ${replication.leader.index} failed over repeatedly, or their replicas lag, so none of the reads could be confirmed`,
    );
  return [...refused, ...result.refused];
}

async function feedNoting(
  replication: Replication,
  operations: readonly FeedOperation[],
  options: FeedOptions,
): Promise<{ readonly refused: Refused[]; readonly conflicts: readonly FeedOperation[] }> {
  const conflicts: FeedOperation[] = [];
  const onConflict = (operation: FeedOperation): void => {
    conflicts.push(operation);
  };
  const refused = await feed(replication, operations, { ...options, onConflict });
  return { refused, conflicts };
}

/**
 * @returns the documents that the follower lacks, because it has a larger version from another shard of the
 * leader. The caller writes these documents with versions above all stamps, and after that, later copies by
 * gateways get 409. So no other document may be returned. If a document has changed on the leader meanwhile,
 * its newer state is written with its own stamp first. The document is returned only if this gets 409, too.
 */
async function obstructed(
  replication: Replication,
  conflicts: readonly FeedOperation[],
  options: FeedOptions,
): Promise<DocumentKey[]> {
  const { leader, follower, epoch } = replication;
  const found: DocumentKey[] = [];
  let open = conflicts;
  for (let attempt = 0; open.length > 0 && attempt < TRIES; attempt++) {
    // Confirm the follower first: a GET may reach a replica that lacks the document for which its primary
    // answered 409.
    const onFollower = await Confirmation.begin(follower.cluster, follower);
    if (!(await onFollower.confirm())) continue;
    const followerDocs = await getDocs(follower.cluster, follower.index, keysIn(open), { source: false });
    const missing = open.filter((operation, n) => !hasTaken(followerDocs[n], operation));
    if (missing.length === 0) return found;
    // Confirm the leader, too, so that no fail-over can undo the state that is copied.
    const onLeader = await Confirmation.begin(leader.cluster, leader);
    const leaderDocs = await getDocs(leader.cluster, leader.index, keysIn(missing), { source: true });
    if (!(await onLeader.confirm())) continue;
    const newer: Doc[] = [];
    for (const [n, operation] of missing.entries()) {
      const doc = leaderDocs[n] as Doc;
      const isLive = doc.found && doc.routing === operation.key.routing;
      const isAsItWas = isLive
        ? stampOf(epoch, doc.term, doc.seqNo) === operation.version
        : operation.source === undefined;
      if (isAsItWas) found.push(operation.key);
      // If the leader has deleted the document meanwhile, the ledger or a comparison of ids will find the delete.
      else if (isLive) newer.push(doc);
    }
    const next: FeedOperation[] = [];
    for (const { doc, shaped } of await shapedOf(replication, newer)) {
      // Skip a document that the transform refuses: following will save it as rejected.
      if (shaped.type !== 'index') continue;
      const { id, routing, term, seqNo } = doc;
      next.push({ key: { id, routing }, version: stampOf(epoch, term, seqNo), source: shaped.source });
    }
    open = (await feedNoting(replication, next, options)).conflicts;
  }
  return [...found, ...keysIn(open)];
}

const keysIn = (operations: readonly FeedOperation[]): DocumentKey[] => operations.map(({ key }) => key);

function hasTaken(doc: Doc | undefined, { key, version, source }: FeedOperation): boolean {
  if (!doc?.found) return source === undefined;
  const isOurs = doc.routing === key.routing && doc.version !== undefined && doc.version >= version;
  return isOurs && !isReconciled(doc.version);
}

/** @returns ids that the leader has in several shards, as of its last refresh */
export async function idsElsewhere(
  { leader }: Replication,
  keys: readonly DocumentKey[],
): Promise<ReadonlySet<string>> {
  const shards = new Map(keys.map((key) => [nameOf(key), shardOf(key, leader)]));
  const found = await keysOf(
    leader,
    keys.map(({ id }) => id),
  );
  const given = new Map<string, Set<number>>();
  for (const key of keys)
    given.set(key.id, (given.get(key.id) ?? new Set()).add(shards.get(nameOf(key)) as number));
  for (const key of found) given.get(key.id)?.add(shardOf(key, leader));
  return new Set([...given].filter(([, places]) => places.size > 1).map(([id]) => id));
}

async function keysOf(
  { cluster, index, shards }: Replication['leader'],
  ids: readonly string[],
): Promise<DocumentKey[]> {
  const reader = new PageReader(cluster, 'ids');
  const wanted = [...new Set(ids)];
  const keys: DocumentKey[] = [];
  for (let start = 0; start < wanted.length; start += IDS_AT_ONCE) {
    const part = wanted.slice(start, start + IDS_AT_ONCE);
    const hits = await Promise.all(
      Array.from({ length: shards }, (_, shard) => reader.readIds(index, shard, part)),
    );
    keys.push(...hits.flat().map(({ id, routing }) => ({ id, routing })));
  }
  return keys;
}

/** Reconciliations run one after the other, so that a state that is read later is also written later. */
const turns = new WeakMap<Replication['tally'], Promise<unknown>>();

export async function whenReconciled(tally: Replication['tally']): Promise<void> {
  await turns.get(tally)?.catch(() => undefined);
}

/**
 * Makes the follower equal to the leader for all documents with these ids. The caller confirms the follower.
 * @param above whether to write all documents with versions above every stamp, even an id with one routing
 * @returns undefined if the leader failed over repeatedly
 */
export async function reconcile(
  replication: Replication,
  keys: readonly DocumentKey[],
  options: FeedOptions,
  above = false,
): Promise<Reconciled | undefined> {
  const { tally } = replication;
  const before = turns.get(tally);
  const turn = (async () => {
    await before?.catch(() => undefined);
    return await reconcileAll(replication, keys, options, above);
  })();
  turns.set(tally, turn);
  return await turn;
}

async function reconcileAll(
  replication: Replication,
  keys: readonly DocumentKey[],
  options: FeedOptions,
  above: boolean,
): Promise<Reconciled | undefined> {
  const byId = groupedBy(keys, ({ id }) => id);
  const ids = [...byId.keys()];
  const refused: Refused[] = [];
  let deleted = 0;
  for (let start = 0; start < ids.length; start += IDS_AT_ONCE) {
    const part = ids.slice(start, start + IDS_AT_ONCE).flatMap((id) => byId.get(id) ?? []);
    const found = await readConfirmed(replication, part, above);
    if (!found) return undefined;
    const plain = await feedNoting(replication, found.plain, options);
    refused.push(...found.refused, ...plain.refused);
    const raised = await feed(replication, found.raised, { ...options, orEqual: true });
    refused.push(...raised);
    await feed(replication, withoutPlace(found, raised), { ...options, orEqual: true });
    deleted += found.deleted;
    const unmatched = await obstructed(replication, plain.conflicts, options);
    if (unmatched.length === 0) continue;
    const again = await reconcileAll(replication, unmatched, options, true);
    if (!again) return undefined;
    refused.push(...again.refused);
  }
  return { refused, deleted };
}

/** @returns deletes for the documents that a refused document would have replaced */
function withoutPlace({ raised }: Operations, refused: readonly Refused[]): FeedOperation[] {
  const names = new Set(refused.map(({ key }) => nameOf(key)));
  return raised
    .filter(({ key, replaces }) => replaces && names.has(nameOf(key)))
    .map(({ key, version }) => ({ key, version, source: undefined }));
}

interface Found {
  readonly live: readonly Doc[];
  readonly terms: readonly number[];
  readonly maxSeqNos: readonly number[];
}

interface RaisedOperation extends FeedOperation {
  /** Whether the operation replaces a document with the same id and another routing. */
  readonly replaces: boolean;
}

interface Operations {
  /** Operations with stamps as versions. */
  readonly plain: FeedOperation[];
  /** Operations with versions above every stamp. */
  readonly raised: RaisedOperation[];
  readonly refused: Refused[];
  deleted: number;
}

/** `max_seq_no` is confirmed before documents are read. Following and the ledger cover later writes. */
async function readConfirmed(
  replication: Replication,
  keys: readonly DocumentKey[],
  above: boolean,
): Promise<Operations | undefined> {
  const { leader, follower } = replication;
  for (let attempt = 0; attempt < TRIES; attempt++) {
    const onLeader = await Confirmation.begin(leader.cluster, leader);
    const before = await onLeader.confirm();
    if (!before) continue;
    const ids = keys.map(({ id }) => id);
    await Promise.all([leader, follower].map(({ cluster, index }) => refresh(cluster, index)));
    const [ours, theirs] = await Promise.all([keysOf(leader, ids), keysOf(follower, ids)]);
    const known = unique([...keys, ...ours, ...theirs]);
    const docs = await getDocs(leader.cluster, leader.index, known, { source: true });
    const live = unique(docs.filter((doc) => doc.found));
    const present = await getDocs(follower.cluster, follower.index, unique([...known, ...live]), {
      source: true,
    });
    if (!(await onLeader.confirm())) continue;
    const found = { live, terms: onLeader.terms, maxSeqNos: before.map(({ maxSeqNo }) => maxSeqNo) };
    return await operationsFor(replication, { keys, known, present, found, above });
  }
  return undefined;
}

/** A "place" is an id and a shard of the follower. Each place can have only one document. */
async function operationsFor(
  replication: Replication,
  {
    keys,
    known,
    present,
    found,
    above,
  }: {
    readonly keys: readonly DocumentKey[];
    readonly known: readonly DocumentKey[];
    readonly present: readonly Doc[];
    readonly found: Found;
    readonly above: boolean;
  },
): Promise<Operations> {
  const { leader, follower, epoch, sourceOfTruth } = replication;
  const place = (key: DocumentKey): string => JSON.stringify([key.id, shardOf(key, follower)]);
  const there = new Map(present.filter((doc) => doc.found).map((doc) => [place(doc), doc]));
  const wanted = groupedBy(await shapedOf(replication, found.live), ({ doc }) => place(doc));
  const routings = new Map<string, Set<string | undefined>>();
  for (const { id, routing } of [...known, ...found.live, ...there.values()])
    routings.set(id, (routings.get(id) ?? new Set()).add(routing));
  const clock = found.maxSeqNos.reduce((sum, maxSeqNo) => sum + maxSeqNo + 1, 0);
  const operations: Operations = { plain: [], raised: [], refused: [], deleted: 0 };
  const raises = (id: string): boolean => above || (routings.get(id)?.size ?? 0) > 1;
  const add = (key: DocumentKey, stamp: bigint, source: FeedOperation['source']): void => {
    const at = there.get(place(key));
    const wasRaised = at?.version !== undefined && isOfEpoch(at.version, epoch) && isReconciled(at.version);
    if (!raises(key.id) && !wasRaised) {
      operations.plain.push({ key, version: stamp, source });
      return;
    }
    const version = reconciledVersion(epoch, clock);
    // If a person has written to the follower directly, the version there may be even larger.
    const larger = at?.version !== undefined && at.version > version ? at.version : version;
    const replaces = at !== undefined && at.routing !== key.routing;
    operations.raised.push({ key, version: larger, source, replaces });
  };
  const liveKeys = new Set(found.live.map(nameOf));
  operations.deleted = keys.filter((key) => !liveKeys.has(nameOf(key))).length;
  const places = new Map([...known, ...found.live].map((key) => [place(key), key]));
  const asked = new Set(keys.map(nameOf));
  for (const [name, key] of places) {
    const at = there.get(name);
    const all = wanted.get(name) ?? [];
    const kept = all.find(({ doc }) => doc.routing === at?.routing) ?? all[0];
    for (const other of all)
      if (other !== kept) operations.refused.push(doubled(replication, other.doc, kept?.doc));
    if (!kept) {
      // Keep a document of the source of truth that the leader never had, unless it is one of the caller's keys.
      if (at && !asked.has(nameOf(at)) && isExpectedExtra(replication, at)) continue;
      const shard = shardOf(key, leader);
      add(key, stampOf(epoch, found.terms[shard] as number, found.maxSeqNos[shard] as number), undefined);
      continue;
    }
    const { doc, shaped } = kept;
    const docKey = { id: doc.id, routing: doc.routing };
    const stamp = stampOf(epoch, doc.term, doc.seqNo);
    const isOlder = doc.seqNo <= untouchedUpTo(doc, replication);
    // If the leader's document has not changed since the roles were exchanged, keep the follower's document,
    // which may have more fields than a translation of the leader's document.
    const isLeftOut = isOlder && sourceOfTruth?.isForward && sourceOfTruth.prune && !at;
    if (isLeftOut) continue;
    if (isOlder && at && at.routing === doc.routing) {
      if (raises(doc.id)) add(docKey, stamp, at.source);
    } else if (shaped.type === 'index') add(docKey, stamp, shaped.source);
    else if (shaped.type === 'refused') {
      operations.refused.push({ key: docKey, version: stamp, reason: shaped.reason });
      if (at && at.routing !== doc.routing) add(docKey, stamp, undefined);
    }
  }
  return operations;
}

interface Wanted {
  readonly doc: Doc;
  readonly shaped: Exclude<Shaped, { type: 'drop' }>;
}

async function shapedOf(replication: Replication, docs: readonly Doc[]): Promise<Wanted[]> {
  const results = await Promise.all(
    docs.map(
      async (doc) => await replication.reshape(doc.source as Buffer, { id: doc.id, routing: doc.routing }),
    ),
  );
  return docs.flatMap((doc, n) => {
    const shaped = results[n] as Shaped;
    if (shaped.type !== 'drop') return [{ doc, shaped }];
    replication.tally.dropped++;
    return [];
  });
}

function doubled({ epoch, leader, follower }: Replication, doc: Hit, kept: Hit | undefined): Refused {
  const named = (routing: string | undefined): string =>
    routing === undefined ? 'without a routing' : `with routing "${routing}"`;
  return {
    key: { id: doc.id, routing: doc.routing },
    version: stampOf(epoch, doc.term, doc.seqNo),
    reason:
      `${leader.index} has this id twice: ${named(doc.routing)}, and ${named(kept?.routing)}. In ${follower.index} both belong to ` +
      `the same shard, which can have an id only once. Delete one of the two documents from ${leader.index}, or leave this one out`,
  };
}

function groupedBy<T>(all: readonly T[], nameOfOne: (one: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const one of all) {
    const name = nameOfOne(one);
    const group = groups.get(name);
    if (group) group.push(one);
    else groups.set(name, [one]);
  }
  return groups;
}

const nameOf = ({ id, routing }: DocumentKey): string => JSON.stringify([id, routing]);

function unique<T extends DocumentKey>(keys: readonly T[]): T[] {
  return [...new Map(keys.map((key) => [nameOf(key), key])).values()];
}
