// The types of a way of copying an index, and of its arguments.
import type { Cluster } from '../src/cluster/cluster.js';
import type { Measured } from './job.js';

export interface Copy {
  readonly cluster: Cluster;
  readonly url: string;
  readonly source: string;
  readonly target: string;
  /** The alias on the target that twindex writes through. */
  readonly feed: string;
  readonly documents: number;
  readonly shards: number;
  /** The file of the data set. */
  readonly dataSet: string;
}

/** CPU and memory are undefined if there is no copying process, or if this process holds the whole data set. */
export type Result = { readonly seconds: number } & Partial<Omit<Measured, 'seconds'>>;

export interface Way {
  readonly name: string;
  /** True if the documents are written in the shape after `splitDepends`. */
  readonly transforms?: true;
  /** The largest number of documents to copy, for a slow way. */
  readonly atMost?: number;
  /** True if the way waits for refreshes, so that the target needs a refresh interval. */
  readonly refreshes?: true;
  /** Prepares the way. @returns why it cannot be measured here; undefined if it can */
  readonly obstacle?: (cluster: Cluster) => Promise<string | undefined> | string | undefined;
  readonly run: (copy: Copy) => Promise<Result>;
}
