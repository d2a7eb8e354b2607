// Keeps values by name, each with the version in which it changed last. Pure.

interface Entry<V> {
  readonly value: V;
  /** The value as JSON, to notice whether it has changed. */
  readonly json: string;
  readonly version: number;
}

export class Versioned<V> {
  readonly #entries = new Map<string, Entry<V>>();
  readonly #gone = new Map<string, number>();

  get(name: string): Entry<V> | undefined {
    return this.#entries.get(name);
  }

  /** Sets a value. If it has not changed, its version stays the same. */
  set(name: string, value: V, version: number): void {
    const json = JSON.stringify(value);
    if (this.#entries.get(name)?.json === json) return;
    this.#entries.set(name, { value, json, version });
    this.#gone.delete(name);
  }

  /** Sets all values. Removes those that are not among the new ones. */
  replace(values: ReadonlyMap<string, V>, version: number): void {
    for (const [name, value] of values) this.set(name, value, version);
    for (const name of this.#entries.keys())
      if (!values.has(name)) {
        this.#entries.delete(name);
        this.#gone.set(name, version);
      }
  }

  forget(name: string): void {
    this.#entries.delete(name);
  }

  /** Forgets the oldest names. */
  keepLatest(most: number): void {
    const names = [...this.#entries.keys()];
    for (const name of names.slice(0, Math.max(0, names.length - most))) this.#entries.delete(name);
  }

  after(version: number): V[] {
    return [...this.#entries.values()].filter((entry) => entry.version > version).map(({ value }) => value);
  }

  goneAfter(version: number): string[] {
    return [...this.#gone].filter(([, at]) => at > version).map(([name]) => name);
  }
}
