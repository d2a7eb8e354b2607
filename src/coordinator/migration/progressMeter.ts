// Measures the progress of a long task, its rate (the average of the last 10 s) and its remaining time.
import type { EventBus, Progress } from '../../events.js';
import { NO_PROGRESS, type SavedProgress } from '../../protocol/record.js';

const WINDOW_MS = 10_000;
const EVERY_MS = 250;

/** The progress with which a task begins. */
export interface ProgressStart {
  /** Documents that need not be processed again. */
  readonly counted: number;
  /** A larger number, which users have already seen. */
  readonly shown?: number;
}

export class ProgressMeter {
  readonly #bus: EventBus;
  readonly #migration: string;
  #task = '';
  /** The processed documents. Falls when documents have to be processed again. */
  #counted = 0;
  /** The number that users see. Never falls within a task. */
  #shown = 0;
  #total: number | undefined;
  /** The progress that the previous coordinator saved, until a task begins. */
  #before: SavedProgress;
  #samples: { readonly at: number; readonly counted: number }[] = [];
  #emittedAt = 0;
  /** How many of the counted documents the next coordinator would process again. */
  unconfirmed = 0;

  constructor(bus: EventBus, migration: string, before: SavedProgress = NO_PROGRESS) {
    this.#bus = bus;
    this.#migration = migration;
    this.#before = before;
  }

  get task(): string {
    return this.#task;
  }

  /** Begins a task, unless it is already running. A task of the previous coordinator continues. */
  begin(
    task: string,
    total: number | undefined,
    { counted, shown = 0 }: ProgressStart = { counted: 0 },
  ): void {
    if (this.#task === task) return;
    const seen = this.#before.task === task ? this.#before.done : 0;
    this.#before = NO_PROGRESS;
    this.#task = task;
    this.#total = total;
    this.#counted = counted;
    this.#shown = Math.max(counted, shown, seen);
    this.unconfirmed = 0;
    this.#samples = [];
    this.#emit();
  }

  end(): void {
    if (this.#task !== '') this.#emit();
    this.#task = '';
  }

  add(documents: number): void {
    this.set(this.#counted + documents);
  }

  set(counted: number): void {
    this.#counted = counted;
    this.#shown = Math.max(this.#shown, counted);
    if (this.#task !== '' && performance.now() - this.#emittedAt >= EVERY_MS) this.#emit();
  }

  /** For the journal, so that `status` shows it, and the next coordinator continues with it. */
  get saved(): SavedProgress {
    if (this.#task === '') return this.#before;
    const { task, done, total = null, rate, etaMs = null } = this.#progress();
    return { task, done, confirmed: Math.max(0, this.#counted - this.unconfirmed), total, rate, etaMs };
  }

  #emit(): void {
    const at = performance.now();
    this.#emittedAt = at;
    this.#samples.push({ at, counted: this.#counted });
    while (this.#samples.length > 2 && at - (this.#samples[0]?.at ?? at) > WINDOW_MS) this.#samples.shift();
    this.#bus.emit('progress', { migration: this.#migration, ...this.#progress() });
  }

  #progress(): Progress {
    const rate = this.#rate();
    const rest = this.#total === undefined ? undefined : Math.max(0, this.#total - this.#counted);
    return {
      task: this.#task,
      done: this.#shown,
      total: this.#total === undefined ? undefined : Math.max(this.#total, this.#shown),
      rate: Math.round(rate),
      etaMs: rest === undefined || rate <= 0 ? undefined : Math.round((rest * 1000) / rate),
    };
  }

  #rate(): number {
    const [oldest, newest] = [this.#samples[0], this.#samples.at(-1)];
    if (!oldest || !newest || newest.at === oldest.at) return 0;
    // The count falls when documents are processed again.
    return (Math.max(0, newest.counted - oldest.counted) * 1_000) / (newest.at - oldest.at);
  }
}
