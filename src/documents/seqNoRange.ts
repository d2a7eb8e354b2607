// Ranges of the operations of one shard, by sequence number.

/** Operations of a shard with `after < _seq_no <= upTo`. */
export interface SeqNoRange {
  readonly shard: number;
  readonly after: number;
  readonly upTo: number;
}

export interface OpenSeqNoRange {
  readonly shard: number;
  readonly after: number;
  /** Undefined means to the end of the shard. */
  readonly upTo: number | undefined;
  /** Only the documents with one of these `_seq_no`. */
  readonly only?: readonly number[] | undefined;
}
