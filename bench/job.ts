// A measurement in a separate process, so that memory and CPU contain only the measured work. The process
// gets its job as JSON in the first argument, and prints its result as JSON to stdout.
import { residentMb } from './proc.js';
import type { Copy } from './way.js';

export interface Job extends Omit<Copy, 'cluster'> {
  readonly kind:
    | 'server'
    | 'client'
    | 'client-transform'
    | 'bulk'
    | 'opensearch-helpers'
    | 'elasticsearch-helpers';
  /** Whether to use the automatic throttle, like `migrate`. */
  readonly throttled?: boolean | undefined;
  /** Stops the copy after this time, even if it is not complete. */
  readonly atMostSeconds?: number | undefined;
}

export interface Measured {
  readonly seconds: number;
  /** The number of copied documents, if they were counted. */
  readonly documents: number | undefined;
  readonly cpuSeconds: number;
  readonly peakRssMb: number;
}

export const jobOfThisProcess = (): Job => JSON.parse(process.argv[2] ?? '{}') as Job;

/** Runs the work and prints the figures. */
export async function reportOn(work: () => Promise<number | void>): Promise<void> {
  const cpuBefore = process.cpuUsage();
  const began = performance.now();
  const documents = (await work()) ?? undefined;
  const seconds = (performance.now() - began) / 1_000;
  const { user, system } = process.cpuUsage(cpuBefore);
  const measured: Measured = {
    seconds,
    documents,
    cpuSeconds: (user + system) / 1e6,
    peakRssMb: residentMb('self', 'VmHWM') ?? 0,
  };
  console.log(JSON.stringify(measured));
}
