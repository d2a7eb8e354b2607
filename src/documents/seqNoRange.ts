// A range of the operations of one shard, by their sequence numbers.

/** Operations of a shard with `after < _seq_no <= upTo`. */
export interface SeqNoRange {
  readonly shard: number;
  readonly after: number;
  readonly upTo: number;
}

/** As `SeqNoRange`, but it may have no upper bound. */
export interface OpenSeqNoRange {
  readonly shard: number;
  readonly after: number;
  /** Undefined: to the end of the shard. */
  readonly upTo: number | undefined;
  /** Only documents that have one of these `_seq_no`. */
  readonly only?: readonly number[] | undefined;
}
