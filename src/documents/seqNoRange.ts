// A part of one shard, by the sequence numbers of its operations.

/** Operations of a shard with `after < _seq_no <= upTo`. */
export interface SeqNoRange {
  readonly shard: number;
  readonly after: number;
  readonly upTo: number;
}

/** The same, which may be open to the end of the shard. */
export interface OpenSeqNoRange {
  readonly shard: number;
  readonly after: number;
  /** Undefined: to the end. */
  readonly upTo: number | undefined;
  /** Only documents that have one of these `_seq_no`. */
  readonly only?: readonly number[] | undefined;
}
