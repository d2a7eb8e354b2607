// Counts how a gateway handled the searches of one migration. The gateway reports the counts in the journal.
import type { ReadsView, ShadowView } from '../../../journal/writerDocuments.js';
import type { Comparison } from '../../../queries/compare.js';
import { Latencies } from './latencies.js';

const WORST = 5;
const MOST_TEXT = 500;

interface Compared {
  readonly path: string;
  readonly body: string;
  readonly sourceMs: number;
  readonly targetMs: number;
  readonly comparison: Comparison;
}

type Worst = ShadowView['worst'][number];

export class ReadTally {
  #recorded = 0;
  #canary = 0;
  #asked = false;
  #compared = 0;
  #errors = 0;
  #skipped = 0;
  #overlapSum = 0;
  #totalsDiffer = 0;
  #aggregationsDiffer = 0;
  #worst: Worst[] = [];
  readonly #source = new Latencies();
  readonly #target = new Latencies();

  countRecorded(queries: number): void {
    this.#recorded += queries;
  }

  countCanary(): void {
    this.#canary++;
  }

  /** Counts a search that was not compared, for example because its answer was too large. */
  countSkipped(): void {
    this.#asked = true;
    this.#skipped++;
  }

  /** Counts a search that failed on the target only. */
  countError({ path, body }: Pick<Compared, 'path' | 'body'>, error: string): void {
    this.#asked = true;
    this.#errors++;
    this.#remember({ path, body, overlapAt10: 0, error });
  }

  add({ path, body, sourceMs, targetMs, comparison }: Compared): void {
    const { error, overlapAt10, totalBefore, totalAfter, aggregationsDiffer } = comparison;
    if (error !== undefined) return this.countError({ path, body }, error);
    this.#asked = true;
    this.#compared++;
    this.#overlapSum += overlapAt10;
    if (totalBefore !== totalAfter) this.#totalsDiffer++;
    if (aggregationsDiffer.length > 0) this.#aggregationsDiffer++;
    this.#source.add(sourceMs);
    this.#target.add(targetMs);
    if (overlapAt10 < 1) this.#remember({ path, body, overlapAt10, error: null });
  }

  view(): ReadsView {
    return { recorded: this.#recorded, canary: this.#canary, shadow: this.#shadow() };
  }

  #shadow(): ShadowView | null {
    if (!this.#asked) return null;
    return {
      compared: this.#compared,
      errors: this.#errors,
      skipped: this.#skipped,
      overlapSum: this.#overlapSum,
      totalsDiffer: this.#totalsDiffer,
      aggregationsDiffer: this.#aggregationsDiffer,
      worst: this.#worst,
      latency: { source: this.#source.percentiles(), target: this.#target.percentiles() },
    };
  }

  #remember(found: Worst): void {
    const shown = { ...found, path: found.path.slice(0, MOST_TEXT), body: found.body.slice(0, MOST_TEXT) };
    const others = this.#worst.filter(({ path, body }) => path !== shown.path || body !== shown.body);
    this.#worst = worstOf([...others, shown]);
  }
}

/** Failed searches come first, then searches with the fewest common hits. */
export function worstOf(all: readonly Worst[]): Worst[] {
  return all
    .toSorted((a, b) => Number(a.error === null) - Number(b.error === null) || a.overlapAt10 - b.overlapAt10)
    .slice(0, WORST);
}
