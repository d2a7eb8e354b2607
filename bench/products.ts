// Generates documents: products of about 545 bytes, or of about 100 bytes. Document n is always the same.

const NOUNS = ['chair', 'table', 'lamp', 'shelf', 'kettle', 'bicycle', 'tent', 'clock', 'mirror', 'carpet'];
const ADJECTIVES = ['folding', 'wooden', 'small', 'large', 'vintage', 'modern', 'quiet', 'sturdy', 'light'];
const BRANDS = ['Møller', 'Brauhaus & Söhne', 'Ōkami', 'Fjord', 'Œuvre', 'Acme', "O'Neill"];
const CATEGORIES = ['kitchen', 'living', 'garden', 'office', 'sports', 'children', 'bath', 'travel'];
const COLOURS = ['red', 'green', 'blue', 'black', 'white', 'oak', 'steel'];
const WORDS =
  'made of solid oak and steel it folds flat in seconds carries two hundred kilos wipes clean with a damp cloth fits every door comes with screws spare parts manual guarantee for ten years tested outdoors'.split(
    ' ',
  );

export interface Corpus {
  readonly id: (n: number) => string;
  /** One line of JSON. */
  readonly source: (n: number) => string;
  readonly mappings: object;
}

const PRODUCT_FIELDS = {
  sku: { type: 'keyword' },
  title: { type: 'text', fields: { raw: { type: 'keyword' } } },
  description: { type: 'text' },
  brand: { type: 'keyword' },
  category: { type: 'keyword' },
  price: { type: 'keyword' },
  stock: { type: 'integer' },
  rating: { type: 'float' },
  tags: { type: 'keyword' },
  attributes: {
    properties: { colour: { type: 'keyword' }, widthCm: { type: 'integer' }, heightCm: { type: 'integer' } },
  },
  createdAt: { type: 'date' },
  active: { type: 'boolean' },
};

export const products: Corpus = {
  id: (n) => `product-${n}`,
  source: (n) => JSON.stringify(product(n)),
  mappings: { dynamic: 'strict', properties: PRODUCT_FIELDS },
};

export const smallDocuments: Corpus = {
  id: (n) => `d${n}`,
  source: (n) =>
    `{"n":${n},"name":"${pick(ADJECTIVES, n)} ${pick(NOUNS, n >> 3)}","price":"${n % 1_000},50 EUR","category":"${pick(CATEGORIES, n)}","active":true,"stock":${n % 500}}`,
  mappings: {
    properties: {
      n: { type: 'long' },
      name: { type: 'text' },
      price: { type: 'keyword' },
      category: { type: 'keyword' },
      active: { type: 'boolean' },
      stock: { type: 'integer' },
    },
  },
};

function product(n: number): object {
  const random = seeded(n);
  const adjective = pick(ADJECTIVES, random());
  const noun = pick(NOUNS, random());
  return {
    sku: `SKU-${String(n).padStart(8, '0')}`,
    title: `${adjective} ${noun} no. ${n}`,
    description: Array.from({ length: 43 }, () => pick(WORDS, random())).join(' '),
    brand: pick(BRANDS, random()),
    category: pick(CATEGORIES, random()),
    price: `${random() % 900},${String(random() % 100).padStart(2, '0')} EUR`,
    stock: random() % 500,
    rating: (random() % 50) / 10,
    tags: [pick(WORDS, random()), pick(WORDS, random()), adjective],
    attributes: { colour: pick(COLOURS, random()), widthCm: random() % 200, heightCm: random() % 200 },
    createdAt: new Date(1_600_000_000_000 + (random() % 150_000_000) * 1_000).toISOString(),
    active: random() % 10 !== 0,
  };
}

function pick<T>(list: readonly T[], n: number): T {
  return list[n % list.length] as T;
}

/** mulberry32, with whole numbers as results. */
function seeded(seed: number): () => number {
  let state = Math.imul(seed + 1, 0x9e3779b1);
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return (t ^ (t >>> 14)) >>> 0;
  };
}
