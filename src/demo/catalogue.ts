// Generates the catalogue. Product number n is always the same. A few of every hundred products have unusual
// ids or values. A product is the same in both versions; schemas.ts builds its document for each version.

export type Value =
  | null
  | boolean
  | number
  | bigint
  | string
  | readonly Value[]
  | { readonly [key: string]: Value };
export type Fields = Readonly<Record<string, Value>>;

export interface Money {
  readonly cents: number;
  readonly currency: string;
}

export interface Product {
  /** `null` if the document has `price: null`; undefined if it has no price. */
  readonly money: Money | null | undefined;
  /** All fields except the price. They are the same in all versions. */
  readonly fields: Fields;
}

export interface Key {
  readonly id: string;
  readonly routing: string | undefined;
}

export type Random = () => number;

/** The generator mulberry32: small, fast, and with the same results on every machine. */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

export const NOUNS = [
  'chair',
  'table',
  'lamp',
  'shelf',
  'kettle',
  'bicycle',
  'tent',
  'clock',
  'mirror',
  'carpet',
] as const;
export const CATEGORIES = [
  'kitchen',
  'living',
  'garden',
  'office',
  'sports',
  'children',
  'bath',
  'travel',
] as const;
export const COLOURS = ['red', 'green', 'blue', 'black', 'white', 'oak', 'steel'] as const;
const ADJECTIVES = [
  'folding',
  'wooden',
  'small',
  'large',
  'vintage',
  'modern',
  'quiet',
  'sturdy',
  'light',
  'heavy',
];
const BRANDS = ['Møller', 'Brauhaus & Söhne', 'Ōkami', 'Żabka', 'Fjord', 'Œuvre', 'Acme', "O'Neill"];
const CURRENCIES = ['EUR', 'USD', 'GBP', 'CHF'];
const SUFFIXES = [
  '☕',
  '🪑🪑',
  '𝒳𝒴𝒵',
  'كرسي خشبي',
  'שולחן',
  'e\u0301te\u0301',
  '👩‍👩‍👧‍👦',
  '椅子',
  '"quoted"',
  'tab\tand\nline',
  '\\u0041',
];

const AWKWARD_IDS = [
  (n: number) => `p ${n} with spaces`,
  (n: number) => `a/b/../${n}`,
  (n: number) => `"quoted" '${n}'`,
  (n: number) => `Größe ${n} – ☕🪑`,
  (n: number) => `كرسي-${n}`,
  (n: number) => `100%25+?&=#${n}`,
  (n: number) => `_under\\back,comma:${n}`,
  (n: number) => ` ${n} `,
  (n: number) => `${n}-${'x'.repeat(511 - String(n).length)}`, // 512 bytes, the engines' limit
  (n: number) => `${n}-${'𝒳'.repeat(125)}`, // surrogate pairs
];

const MEGABYTE_EVERY = 100;
const MEGABYTE_PRODUCTS = 5;

export function keyOf(n: number): Key {
  const awkward = n % 40 === 3 ? AWKWARD_IDS[((n / 40) % AWKWARD_IDS.length) | 0] : undefined;
  return {
    id: awkward ? awkward(n) : `p-${String(n).padStart(6, '0')}`,
    routing: n % 7 === 2 ? (n % 2 ? `seller-${n % 23}` : `Händler ${n % 23} 店`) : undefined,
  };
}

export function productOf(n: number): Product {
  const random = seededRandom(n + 1);
  const product = randomProduct(random, n);
  if (n % MEGABYTE_EVERY !== 11 || n >= MEGABYTE_EVERY * MEGABYTE_PRODUCTS) return product;
  return { ...product, fields: { ...product.fields, description: megabyteText(random) } };
}

export function randomProduct(random: Random, n: number): Product {
  const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)] as T;
  const chance = (share: number) => random() < share;
  const title = `${pick(ADJECTIVES)} ${pick(NOUNS)} ${n}${chance(0.05) ? ` ${pick(SUFFIXES)}` : ''}`;
  const fields: Record<string, Value> = {
    sku: `SKU-${n}`,
    title,
    description: chance(0.05)
      ? pick([null, '', ' ', ...SUFFIXES])
      : `A ${title} by ${pick(BRANDS)}, made to last.`,
    category: pick(CATEGORIES),
    brand: chance(0.03) ? null : pick(BRANDS),
    tags: chance(0.1) ? [] : COLOURS.filter(() => chance(0.3)),
    stock: Math.floor(random() * 500),
    sold: chance(0.03) ? 2n ** 53n + BigInt(2 * n + 1) : Math.floor(random() * 1e6),
    available: chance(0.8),
    released: chance(0.1)
      ? null
      : new Date(Date.UTC(2015, 0, 1) + Math.floor(random() * 3650) * 86_400_000).toISOString(),
    variants: Array.from({ length: Math.floor(random() * 4) }, (_, at) => ({
      colour: pick(COLOURS),
      size: at,
      stock: chance(0.1) ? null : Math.floor(random() * 50),
    })),
  };
  if (chance(0.7))
    fields['dimensions'] = {
      widthMm: Math.floor(random() * 3000),
      weightKg: Math.round(random() * 1e5) / 1e3,
    };
  if (chance(0.05)) fields['attributes'] = awkwardAttributes(n);
  return { money: randomMoney(random), fields };
}

export function randomMoney(random: Random): Money | null | undefined {
  const draw = random();
  if (draw < 0.02) return null;
  if (draw < 0.04) return undefined;
  return {
    cents: draw < 0.06 ? Math.floor(random() * 100) : Math.floor(random() * 500_000),
    currency: CURRENCIES[Math.floor(random() * CURRENCIES.length)] as string,
  };
}

/** The value of a field that is stored but not indexed, so it may be any JSON. */
function awkwardAttributes(n: number): Value {
  return {
    'dotted.key': n,
    '': 'an empty key',
    ['__proto__']: 'just a name',
    largest: 2n ** 63n - 1n,
    beyondLong: 2n ** 64n - 1n,
    negative: -(2n ** 53n) - 1n,
    small: 1e-7,
    nothing: null,
    empty: {},
    list: [[], [null], [{ a: [1, 'b', null] }]],
    '🪑': '\u2028\u0000\u001f',
  };
}

function megabyteText(random: Random): string {
  let text = '';
  while (text.length < 1 << 20)
    text += `${ADJECTIVES[Math.floor(random() * ADJECTIVES.length)]} ${Math.floor(random() * 1e6)} `;
  return text;
}
