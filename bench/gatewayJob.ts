// The types of a load in the gateway's bench, and of its result.

export const OPERATIONS = ['get', 'search', 'write', 'bulk'] as const;
export type Operation = (typeof OPERATIONS)[number];

export const isOperation = (name: string): name is Operation => OPERATIONS.some((known) => known === name);

export interface LoadJob {
  readonly url: string;
  readonly index: string;
  readonly operation: Operation;
  readonly connections: number;
  readonly seconds: number;
  /** Requests per second. Default: as many as possible. */
  readonly perSecond?: number;
  readonly documents: number;
}

export interface Load {
  readonly requests: number;
  readonly perSecond: number;
  readonly failed: number;
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly p99Ms: number;
}

/** The number of documents of about 545 bytes in a bulk of 5 MB. */
export const DOCUMENTS_PER_BULK = 8_600;

/** The number of documents in each index. */
export const DOCUMENTS = 20_000;
