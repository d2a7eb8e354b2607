// Progress, rate and ETA of a long task. The rate is that of the last 10 s.
import type { EventBus } from '../../events.js';

const WINDOW_MS = 10_000;
const EVERY_MS = 250;

export class ProgressMeter {
  readonly #bus: EventBus;
  readonly #migration: string;
  #task = '';
  #done = 0;
  #total: number | undefined;
  #samples: { readonly at: number; readonly done: number }[] = [];
  #emittedAt = 0;

  constructor(bus: EventBus, migration: string) {
    this.#bus = bus;
    this.#migration = migration;
  }

  begin(task: string, total: number | undefined, done = 0): void {
    if (this.#task === task) return;
    this.#task = task;
    this.#total = total;
    this.#done = done;
    this.#samples = [];
    this.#emit();
  }

  end(): void {
    if (this.#task !== '') this.#emit();
    this.#task = '';
  }

  add(documents: number): void {
    this.set(this.#done + documents);
  }

  set(done: number): void {
    this.#done = done;
    if (this.#task !== '' && performance.now() - this.#emittedAt >= EVERY_MS) this.#emit();
  }

  #emit(): void {
    const at = performance.now();
    this.#emittedAt = at;
    this.#samples.push({ at, done: this.#done });
    while (this.#samples.length > 2 && at - (this.#samples[0]?.at ?? at) > WINDOW_MS) this.#samples.shift();
    const oldest = this.#samples[0];
    const elapsedMs = oldest ? at - oldest.at : 0;
    // The number of finished documents falls when some are copied again.
    const more = oldest ? Math.max(0, this.#done - oldest.done) : 0;
    const rate = elapsedMs > 0 ? (more * 1000) / elapsedMs : 0;
    const rest = this.#total === undefined ? undefined : Math.max(0, this.#total - this.#done);
    this.#bus.emit('progress', {
      migration: this.#migration,
      task: this.#task,
      done: this.#done,
      total: this.#total === undefined ? undefined : Math.max(this.#total, this.#done),
      rate: Math.round(rate),
      etaMs: rest === undefined || rate <= 0 ? undefined : Math.round((rest * 1000) / rate),
    });
  }
}
