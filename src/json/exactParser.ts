// A JSON parser that passes the text of each number to a function, which JSON.parse of Node 20 can't do. JSON.parse
// is several times faster, so most documents are parsed with it (parseDocument.ts).

/** Like JSON.parse, except for numbers. The engines' limit on nesting (1,000) keeps the recursion shallow. */
export function parseExactly(text: string, numberOf: (written: string) => unknown): unknown {
  const parser = new ExactParser(text, numberOf);
  return parser.document();
}

const SPACE = /[ \n\r\t]*/y;
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const WORDS: readonly (readonly [string, unknown])[] = [
  ['true', true],
  ['false', false],
  ['null', null],
];

class ExactParser {
  readonly #text: string;
  readonly #numberOf: (written: string) => unknown;
  #at = 0;

  constructor(text: string, numberOf: (written: string) => unknown) {
    this.#text = text;
    this.#numberOf = numberOf;
  }

  document(): unknown {
    const value = this.#value();
    this.#skip(SPACE);
    if (this.#at !== this.#text.length) throw this.#unexpected();
    return value;
  }

  #value(): unknown {
    this.#skip(SPACE);
    const first = this.#text[this.#at];
    if (first === '{') return this.#object();
    if (first === '[') return this.#array();
    if (first === '"') return this.#string();
    for (const [word, value] of WORDS) {
      if (this.#text.startsWith(word, this.#at)) {
        this.#at += word.length;
        return value;
      }
    }
    const start = this.#at;
    this.#skip(NUMBER);
    if (this.#at === start) throw this.#unexpected();
    return this.#numberOf(this.#text.slice(start, this.#at));
  }

  #object(): Record<string, unknown> {
    const object: Record<string, unknown> = {};
    this.#at++;
    if (this.#take('}')) return object;
    do {
      this.#skip(SPACE);
      const key = this.#string();
      if (!this.#take(':')) throw this.#unexpected();
      setOwn(object, key, this.#value());
    } while (this.#take(','));
    if (!this.#take('}')) throw this.#unexpected();
    return object;
  }

  #array(): unknown[] {
    const array: unknown[] = [];
    this.#at++;
    if (this.#take(']')) return array;
    do array.push(this.#value());
    while (this.#take(','));
    if (!this.#take(']')) throw this.#unexpected();
    return array;
  }

  #string(): string {
    const start = this.#at;
    if (this.#text[start] !== '"') throw this.#unexpected();
    let end = this.#text.indexOf('"', start + 1);
    while (end >= 0 && isEscaped(this.#text, end)) end = this.#text.indexOf('"', end + 1);
    if (end < 0) throw this.#unexpected();
    this.#at = end + 1;
    return JSON.parse(this.#text.slice(start, end + 1)) as string;
  }

  #take(byte: string): boolean {
    this.#skip(SPACE);
    if (this.#text[this.#at] !== byte) return false;
    this.#at++;
    return true;
  }

  #skip(pattern: RegExp): void {
    pattern.lastIndex = this.#at;
    if (pattern.test(this.#text)) this.#at = pattern.lastIndex;
  }

  #unexpected(): SyntaxError {
    return new SyntaxError(
      `unexpected ${JSON.stringify(this.#text[this.#at] ?? 'end')} at ${this.#at} of the JSON`,
    );
  }
}

function isEscaped(text: string, at: number): boolean {
  let backslashes = 0;
  while (text[at - 1 - backslashes] === '\\') backslashes++;
  return backslashes % 2 === 1;
}

/** Sets an own property. A plain assignment of `__proto__` would set the prototype instead. */
export function setOwn(object: Record<string, unknown>, key: string, value: unknown): void {
  if (key === '__proto__') {
    Object.defineProperty(object, key, { value, writable: true, enumerable: true, configurable: true });
  } else {
    object[key] = value;
  }
}
