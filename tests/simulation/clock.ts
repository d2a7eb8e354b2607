// Virtual time. Events happen one after the other, in the order of their time; between two of them every promise that
// can go on does so.

/** Whose events these are: those of a process that is paused wait, those of a dead one never happen. */
export interface Owner {
  readonly name: string;
  dead: boolean;
  pausedUntil: number;
}

export interface Timer {
  at: number;
  order: number;
  readonly run: () => void;
  readonly owner: Owner | undefined;
  cancelled: boolean;
}

export class VirtualClock {
  now = 0;
  events = 0;
  /** Whose event happens now. What goes on because of it is taken to be of the same owner. */
  current: Owner | undefined;
  #order = 0;
  #heap: Timer[] = [];

  schedule(ms: number, run: () => void, owner?: Owner): Timer {
    const delay = Number.isFinite(ms) && ms > 0 ? ms : 0;
    const timer = { at: this.now + delay, order: this.#order++, run, owner, cancelled: false };
    this.#push(timer);
    return timer;
  }

  sleep(ms: number, owner?: Owner): Promise<void> {
    return new Promise((resolve) => {
      this.schedule(ms, resolve, owner);
    });
  }

  /** @returns false when the time was over first, or nothing more would ever happen */
  async runUntil(done: () => boolean, untilMs: number): Promise<boolean> {
    await settle();
    while (!done()) {
      const timer = this.#pop();
      if (!timer) return false;
      if (timer.cancelled || timer.owner?.dead) continue;
      if (timer.owner && timer.owner.pausedUntil > timer.at) {
        timer.at = timer.owner.pausedUntil;
        this.#push(timer);
        continue;
      }
      if (timer.at > untilMs) return false;
      this.now = Math.max(this.now, timer.at);
      this.events++;
      this.current = timer.owner;
      timer.run();
      await settle();
      this.current = undefined;
    }
    return true;
  }

  #push(timer: Timer): void {
    const heap = this.#heap;
    let at = heap.length;
    heap.push(timer);
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!isBefore(timer, heap[parent] as Timer)) break;
      heap[at] = heap[parent] as Timer;
      at = parent;
    }
    heap[at] = timer;
  }

  #pop(): Timer | undefined {
    const heap = this.#heap;
    const top = heap[0];
    const last = heap.pop();
    if (!last || last === top) return top;
    let at = 0;
    for (;;) {
      let child = at * 2 + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && isBefore(heap[child + 1] as Timer, heap[child] as Timer)) child++;
      if (!isBefore(heap[child] as Timer, last)) break;
      heap[at] = heap[child] as Timer;
      at = child;
    }
    heap[at] = last;
    return top;
  }
}

function isBefore(a: Timer, b: Timer): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order);
}

const { setImmediate } = globalThis;

/** Lets every promise go on that can. */
function settle(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
