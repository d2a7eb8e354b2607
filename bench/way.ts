// One way of copying an index, and what it is given.
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

/** CPU and memory of the process that copies; undefined where there is none, or it holds the whole corpus. */
export type Result = { readonly seconds: number } & Partial<Omit<Measured, 'seconds'>>;

export interface Way {
  readonly name: string;
  /** Writes the shape that `splitDepends` gives. */
  readonly transforms?: true;
  /** Too slow for more: copies only so many. */
  readonly atMost?: number;
  /** Waits for the target's refreshes, so that it must have some. */
  readonly refreshes?: true;
  /** Gets what it needs. @returns why it can't be measured on this engine, or this machine */
  readonly obstacle?: (cluster: Cluster) => Promise<string | undefined> | string | undefined;
  readonly run: (copy: Copy) => Promise<Result>;
}
