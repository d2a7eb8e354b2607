// A measurement in a process of its own, so that its memory and CPU are nobody else's: what it is told, as JSON in the
// first argument, and what it says, as JSON on stdout.
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
  /** As `migrate` does: held back when the engine suffers. */
  readonly throttled?: boolean | undefined;
  /** Ends after so long, however much is copied. */
  readonly atMostSeconds?: number | undefined;
}

export interface Measured {
  readonly seconds: number;
  /** That were copied, where they were counted. */
  readonly documents: number | undefined;
  readonly cpuSeconds: number;
  readonly peakRssMb: number;
}

export const jobOfThisProcess = (): Job => JSON.parse(process.argv[2] ?? '{}') as Job;

/** Does the work and prints what it took. */
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
