// The two versions of the catalogue: mappings, documents, and the transforms between them. examples/catalogue
// has the same versions, written as a user would.
import type { JsonObject, Source } from '../json/jsonTypes.js';
import type { Money, Product, Value } from './catalogue.js';

/** Features that the demo uses if the engine has them. A build without extra modules lacks some of them. */
export interface Features {
  readonly scaledFloat: boolean;
  readonly edgeNgram: boolean;
  readonly painless: boolean;
}

export interface Schema {
  readonly settings: JsonObject;
  readonly mappings: { readonly properties: JsonObject };
}

const PROPERTIES: JsonObject = {
  sku: { type: 'keyword' },
  title: { type: 'text', analyzer: 'standard' },
  description: { type: 'text' },
  category: { type: 'keyword' },
  brand: { type: 'keyword' },
  tags: { type: 'keyword' },
  stock: { type: 'integer' },
  sold: { type: 'long' },
  available: { type: 'boolean' },
  released: { type: 'date' },
  variants: {
    type: 'nested',
    properties: { colour: { type: 'keyword' }, size: { type: 'integer' }, stock: { type: 'integer' } },
  },
  dimensions: { properties: { widthMm: { type: 'integer' }, weightKg: { type: 'double' } } },
  attributes: { type: 'object', enabled: false },
};

/** Version 1: the price is a string, `"12,50 EUR"`, and a search finds titles by whole words. */
export const SCHEMA_V1: Schema = {
  settings: { number_of_shards: 2, number_of_replicas: 0 },
  mappings: { properties: { ...PROPERTIES, price: { type: 'keyword' } } },
};

/** Version 2: the price is a number with a currency, and a search finds words by their beginnings. */
export function schemaV2(features: Features): Schema {
  const filter: JsonObject = features.edgeNgram
    ? { type: 'edge_ngram', min_gram: 2, max_gram: 15 }
    : { type: 'shingle', min_shingle_size: 2, max_shingle_size: 3 };
  return {
    settings: {
      number_of_shards: 3,
      number_of_replicas: 0,
      analysis: {
        filter: { title_parts: filter },
        analyzer: { title: { type: 'custom', tokenizer: 'standard', filter: ['lowercase', 'title_parts'] } },
      },
    },
    mappings: {
      properties: {
        ...PROPERTIES,
        title: { type: 'text', analyzer: 'title', search_analyzer: 'standard' },
        price: features.scaledFloat ? { type: 'scaled_float', scaling_factor: 100 } : { type: 'double' },
        currency: { type: 'keyword' },
      },
    },
  };
}

/** Turns `{ price: "12,50 EUR" }` into `{ price: 12.5, currency: "EUR" }`. `down` restores the original. */
export function up(doc: Source): Source {
  const { price } = doc;
  if (price === undefined || price === null) return doc;
  const match = /^(\d+),(\d\d) ([A-Z]{3})$/.exec(typeof price === 'string' ? price : '');
  if (!match) throw new Error(`price ${JSON.stringify(price)} is not like "12,50 EUR"`);
  return { ...doc, price: Number(`${match[1]}.${match[2]}`), currency: match[3] };
}

export function down({ currency, ...doc }: Source): Source {
  if (typeof doc['price'] !== 'number') return doc;
  return { ...doc, price: `${doc['price'].toFixed(2).replace('.', ',')} ${String(currency)}` };
}

/**
 * The document that a release writes for a product. It is built without `up` and `down`, so that the demo
 * also checks these.
 */
export function documentOf(product: Product, version: number): Record<string, Value> {
  return { ...product.fields, ...priceFields(product.money, version) };
}

/** The price in the shape of a version, for a partial update. */
export function priceFields(money: Money | null | undefined, version: number): Record<string, Value> {
  if (money === undefined) return {};
  if (money === null) return { price: null };
  if (version >= 2) return { price: money.cents / 100, currency: money.currency };
  const euros = Math.floor(money.cents / 100);
  return { price: `${euros},${String(money.cents % 100).padStart(2, '0')} ${money.currency}` };
}
