// Chooses the next writes of one writer. Most documents have only one writer; a few are written by all writers.
import {
  CATEGORIES,
  type Key,
  keyOf,
  productOf,
  type Random,
  randomMoney,
  randomProduct,
} from './catalogue.js';
import type { Change, State } from './change.js';
import type { Known, Write } from './writer.js';

export const WRITERS = 4;

/** Who writes product number n: nobody, all writers, or only the writer whose number is returned. */
export function writerOf(n: number): 'nobody' | 'all' | number {
  if (n % 10 === 9) return 'nobody';
  if (n % 10 === 8 && n < 400) return 'all';
  return n % WRITERS;
}

interface Owned {
  readonly key: Key;
  readonly number: number;
  /** The state after the writes so far. Undefined if no writer has changed the generated product yet. */
  state: State | undefined;
}

/** The new products of writer n have numbers from (n + 1) * FIRST_NEW on, above those of the generated products. */
const FIRST_NEW = 1_000_000;
const HOT = 300;
const BULK = 8;

export class Assortment {
  readonly #live: Owned[] = [];
  readonly #gone: Owned[] = [];
  readonly #shared: Key[] = [];
  readonly #random: Random;
  readonly #scripts: () => boolean;
  #nextNew: number;

  constructor(options: { writer: number; documents: number; random: Random; scripts: () => boolean }) {
    this.#random = options.random;
    this.#scripts = options.scripts;
    this.#nextNew = FIRST_NEW * (options.writer + 1);
    for (let number = 0; number < options.documents; number++) {
      const owner = writerOf(number);
      if (owner === 'all') this.#shared.push(keyOf(number));
      if (owner === options.writer) this.#live.push({ key: keyOf(number), number, state: undefined });
    }
  }

  next(): { writes: Write[]; settle: (known: readonly Known[]) => void } {
    const draw = this.#random();
    if (draw < 0.08) return { writes: [this.#sharedWrite()], settle: () => {} };
    const chosen = new Map<Owned, Write>();
    const wanted = draw < 0.18 ? BULK : 1;
    while (chosen.size < wanted) {
      const [owned, change] = this.#choose(chosen);
      const before = owned.state === undefined ? productOf(owned.number) : owned.state;
      chosen.set(owned, { item: { key: owned.key, change, shared: false }, before });
    }
    const all = [...chosen.keys()];
    return {
      writes: [...chosen.values()],
      settle: (known) => all.forEach((owned, at) => this.#settle(owned, known[at] as Known)),
    };
  }

  #choose(taken: ReadonlyMap<Owned, Write>): [Owned, Change] {
    const random = this.#random;
    const draw = random();
    const gone = draw < 0.2 ? this.#pick(this.#gone, taken) : undefined;
    if (gone) {
      const kind = random() < 0.5 ? 'create' : 'index';
      return [gone, { kind, product: randomProduct(random, gone.number) }];
    }
    const live = draw < 0.85 ? this.#pick(this.#live, taken) : undefined;
    if (!live) {
      const number = this.#nextNew++;
      return [
        { key: keyOf(number), number, state: null },
        { kind: 'create', product: randomProduct(random, number) },
      ];
    }
    return [live, this.#changeOf(live)];
  }

  #changeOf(live: Owned): Change {
    const random = this.#random;
    const draw = random();
    if (draw < 0.25) return { kind: 'index', product: randomProduct(random, live.number) };
    if (draw < 0.45) return { kind: 'delete' };
    if (draw < 0.7 && this.#scripts()) return { kind: 'sell', pieces: Math.floor(random() * 60) };
    const money = draw < 0.85 ? (randomMoney(random) ?? { cents: 1250, currency: 'EUR' }) : undefined;
    const fields = {
      stock: Math.floor(random() * 500),
      dimensions: { widthMm: Math.floor(random() * 3000), depthMm: null },
      ...(random() < 0.3 ? { category: CATEGORIES[Math.floor(random() * CATEGORIES.length)] as string } : {}),
    };
    return { kind: 'update', fields, ...(money ? { money } : {}) };
  }

  /** Always replaces or deletes the whole document, so that its final state shows which write was last. */
  #sharedWrite(): Write {
    const random = this.#random;
    const key = this.#shared[Math.floor(random() * this.#shared.length)] as Key;
    const change: Change =
      random() < 0.35
        ? { kind: 'delete' }
        : { kind: 'index', product: randomProduct(random, Math.floor(random() * 1e9)) };
    return { item: { key, change, shared: true }, before: null };
  }

  /** Prefers a few documents, as applications do, so that these are often deleted and created again. */
  #pick(from: readonly Owned[], taken: ReadonlyMap<Owned, Write>): Owned | undefined {
    const range = this.#random() < 0.7 ? Math.min(HOT, from.length) : from.length;
    const owned = from[Math.floor(this.#random() * range)];
    return owned && !taken.has(owned) ? owned : undefined;
  }

  #settle(owned: Owned, known: Known): void {
    for (const list of [this.#live, this.#gone]) {
      const at = list.indexOf(owned);
      if (at >= 0) list.splice(at, 1);
    }
    if (known.type === 'unknown') return; // never write it again, so that only few states are possible at the end
    owned.state = known.state;
    const list = known.state === null ? this.#gone : this.#live;
    list.splice(Math.floor(this.#random() * Math.min(HOT, list.length + 1)), 0, owned);
  }
}
