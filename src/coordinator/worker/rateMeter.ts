// Measures a worker's rate in the last seconds, from the progress of its windows.
const WINDOW_MS = 5_000;

export class RateMeter {
  #before = new Map<string, number>();
  #total = 0;
  #samples: { readonly at: number; readonly total: number }[] = [];

  set(handled: readonly (readonly [id: string, documents: number])[]): void {
    for (const [id, documents] of handled) this.#total += documents - (this.#before.get(id) ?? 0);
    this.#before = new Map(handled);
    const at = performance.now();
    this.#samples.push({ at, total: this.#total });
    while (this.#samples.length > 2 && at - (this.#samples[1]?.at ?? at) > WINDOW_MS) this.#samples.shift();
  }

  get perSecond(): number {
    const [oldest, newest] = [this.#samples[0], this.#samples.at(-1)];
    if (!oldest || !newest || newest.at === oldest.at) return 0;
    return Math.round(((newest.total - oldest.total) * 1_000) / (newest.at - oldest.at));
  }
}
