// One shard: a primary and a second copy, which is a replica or, where there is none, the disk. What the primary applies
// is seen at once by a realtime GET, is replicated later, and answered after that. A fail-over takes back what was not
// replicated, and gives its sequence numbers out again under the next term.
import { conflict } from './errors.js';

export interface Entry {
  readonly id: string;
  readonly seqNo: number;
  readonly term: number;
  readonly version: bigint;
  readonly routing: string | undefined;
  /** The document as JSON; undefined for a tombstone. */
  readonly source: string | undefined;
}

class Copy {
  node: string;
  entries = new Map<string, Entry>();
  searchable: readonly Entry[] = [];
  maxSeqNo = -1;
  /** Everything up to it is here. */
  checkpoint = -1;
  deletes = 0;
  readonly #above = new Set<number>();

  constructor(node: string) {
    this.node = node;
  }

  apply(entry: Entry): void {
    this.#mark(entry.seqNo);
    if (entry.source === undefined) this.deletes++;
    const there = this.entries.get(entry.id);
    if (!there || there.seqNo < entry.seqNo) this.entries.set(entry.id, entry);
  }

  #mark(seqNo: number): void {
    this.maxSeqNo = Math.max(this.maxSeqNo, seqNo);
    this.#above.add(seqNo);
    while (this.#above.delete(this.checkpoint + 1)) this.checkpoint++;
  }

  /** Gaps that a fail-over left are filled with operations that do nothing. */
  fillGaps(): void {
    this.checkpoint = this.maxSeqNo;
    this.#above.clear();
  }

  refresh(): void {
    this.searchable = [...this.entries.values()]
      .filter(({ source }) => source !== undefined)
      .sort((a, b) => a.seqNo - b.seqNo);
  }

  forgetTombstones(): void {
    for (const [id, { source }] of this.entries) if (source === undefined) this.entries.delete(id);
  }

  cloneTo(node: string): Copy {
    const clone = new Copy(node);
    clone.entries = new Map(this.entries);
    clone.maxSeqNo = this.maxSeqNo;
    clone.checkpoint = this.checkpoint;
    for (const seqNo of this.#above) clone.#above.add(seqNo);
    clone.refresh();
    return clone;
  }
}

export interface WriteOperation {
  readonly action: 'index' | 'create' | 'delete';
  readonly id: string;
  readonly routing: string | undefined;
  readonly source: string | undefined;
  readonly version: bigint | undefined;
  readonly versionType: 'internal' | 'external' | 'external_gte';
  readonly ifSeqNo: number | undefined;
  readonly ifTerm: number | undefined;
}

export interface Applied {
  readonly entry: Entry;
  readonly result: 'created' | 'updated' | 'deleted' | 'not_found';
  readonly status: number;
}

export class Shard {
  term = 1;
  /** What the primary knows: all in-sync copies have everything up to it. */
  globalCheckpoint = -1;
  primary: Copy;
  second: Copy;
  /** The second copy is being built: the primary answers alone meanwhile. */
  recovering = false;
  /** Grows with each fail-over: what the old primary sends is refused. */
  generation = 0;
  #nodes = 2;

  constructor() {
    this.primary = new Copy('node-1');
    this.second = new Copy('node-2');
  }

  get(id: string, copy: Copy = this.primary): Entry | undefined {
    const entry = copy.entries.get(id);
    return entry?.source === undefined ? undefined : entry;
  }

  /** @throws EngineError a version conflict */
  applyOnPrimary(operation: WriteOperation): Applied {
    const { id, routing, action } = operation;
    const there = this.primary.entries.get(id);
    const live = there?.source === undefined ? undefined : there;
    checkVersion(operation, there, live);
    const external = operation.versionType !== 'internal';
    const entry: Entry = {
      id,
      seqNo: this.primary.maxSeqNo + 1,
      term: this.term,
      version: external ? (operation.version as bigint) : (there?.version ?? 0n) + 1n,
      routing,
      source: action === 'delete' ? undefined : operation.source,
    };
    this.primary.apply(entry);
    if (action === 'delete') {
      return live ? { entry, result: 'deleted', status: 200 } : { entry, result: 'not_found', status: 404 };
    }
    return live ? { entry, result: 'updated', status: 200 } : { entry, result: 'created', status: 201 };
  }

  /** What the primary has sent arrives at the second copy. @returns false when the primary is none any more */
  replicate(entries: readonly Entry[], generation: number): boolean {
    if (generation !== this.generation) return false;
    if (!this.recovering) for (const entry of entries) this.second.apply(entry);
    return true;
  }

  /** The second copy's answer is back. @returns false when the primary is none any more */
  acknowledge(generation: number): boolean {
    if (generation !== this.generation) return false;
    const behind = this.recovering ? this.primary.checkpoint : this.second.checkpoint;
    this.globalCheckpoint = Math.max(this.globalCheckpoint, Math.min(this.primary.checkpoint, behind));
    return true;
  }

  /** The second copy takes the primary's place; a new one is built. */
  failOver(): void {
    if (this.recovering) return;
    this.term++;
    this.generation++;
    this.primary = this.second;
    this.primary.fillGaps();
    this.globalCheckpoint = this.primary.checkpoint;
    this.second = this.primary.cloneTo(`node-${++this.#nodes}`);
    this.recovering = true;
  }

  /** Where there is no replica: the node starts again with what is on its disk. */
  restartNode(): void {
    this.primary = this.second;
    this.restart();
  }

  /** The new copy is there. It has what the primary had when it was copied, and all since. */
  recovered(): void {
    this.second = this.primary.cloneTo(this.second.node);
    this.recovering = false;
  }

  /** As when all copies were closed and opened again. */
  restart(): void {
    this.generation++;
    this.term++;
    const node = this.primary.node;
    this.primary = this.primary.cloneTo(node);
    this.primary.forgetTombstones();
    this.primary.fillGaps();
    this.globalCheckpoint = this.primary.checkpoint;
    this.second = this.primary.cloneTo(this.second.node);
    this.recovering = false;
  }

  /** After `index.gc_deletes`, or a relocation. */
  forgetTombstones(): void {
    this.primary.forgetTombstones();
    this.second.forgetTombstones();
  }
}

export type { Copy };

function checkVersion(operation: WriteOperation, there: Entry | undefined, live: Entry | undefined): void {
  const { id, action, version, versionType, ifSeqNo, ifTerm } = operation;
  if (versionType === 'external' && there && there.version >= (version as bigint))
    throw conflict(
      id,
      `current version [${there.version}] is higher or equal to the one provided [${version}]`,
    );
  if (versionType === 'external_gte' && there && there.version > (version as bigint))
    throw conflict(id, `current version [${there.version}] is higher than the one provided [${version}]`);
  if (ifSeqNo !== undefined) {
    const required = `required seqNo [${ifSeqNo}], primary term [${ifTerm}].`;
    if (!live) throw conflict(id, `${required} but no document was found`);
    if (live.seqNo !== ifSeqNo || live.term !== ifTerm)
      throw conflict(
        id,
        `${required} current document has seqNo [${live.seqNo}] and primary term [${live.term}]`,
      );
  }
  if (action === 'create' && live)
    throw conflict(id, `document already exists (current version [${live.version}])`);
}
