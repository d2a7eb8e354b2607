// What a load of the gateway's bench is, and what came of it.

export const OPERATIONS = ['get', 'search', 'write', 'bulk'] as const;
export type Operation = (typeof OPERATIONS)[number];

export const isOperation = (name: string): name is Operation => OPERATIONS.some((known) => known === name);

export interface LoadJob {
  readonly url: string;
  readonly index: string;
  readonly operation: Operation;
  readonly connections: number;
  readonly seconds: number;
  /** Requests; as many as possible when left out. */
  readonly perSecond?: number;
  /** That are in the index. */
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

/** Documents of about 545 bytes that make a bulk of 5 MB. */
export const DOCUMENTS_PER_BULK = 8_600;

/** That each index holds. */
export const DOCUMENTS = 20_000;
