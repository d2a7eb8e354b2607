// The catalogue that `twindex demo` migrates. Version 1 had the price as text, "12,50 EUR", and found titles by whole
// words; version 2 has a number beside its currency, and finds titles by the beginnings of words.
import { defineIndex } from 'twindex';

export default defineIndex({
  name: 'catalogue',
  version: 2,
  aliases: { read: 'catalogue-read', write: 'catalogue-write' },
  settings: {
    number_of_shards: 3,
    number_of_replicas: 0,
    analysis: {
      filter: { title_parts: { type: 'edge_ngram', min_gram: 2, max_gram: 15 } },
      analyzer: { title: { type: 'custom', tokenizer: 'standard', filter: ['lowercase', 'title_parts'] } },
    },
  },
  mappings: {
    properties: {
      sku: { type: 'keyword' },
      title: { type: 'text', analyzer: 'title', search_analyzer: 'standard' },
      description: { type: 'text' },
      category: { type: 'keyword' },
      brand: { type: 'keyword' },
      tags: { type: 'keyword' },
      stock: { type: 'integer' },
      sold: { type: 'long' },
      available: { type: 'boolean' },
      released: { type: 'date' },
      price: { type: 'scaled_float', scaling_factor: 100 }, // was keyword
      currency: { type: 'keyword' }, // new
      variants: {
        type: 'nested',
        properties: { colour: { type: 'keyword' }, size: { type: 'integer' }, stock: { type: 'integer' } },
      },
      dimensions: { properties: { widthMm: { type: 'integer' }, weightKg: { type: 'double' } } },
      attributes: { type: 'object', enabled: false },
    },
  },
  migrations: {
    2: {
      /** `{ price: "12,50 EUR" }` becomes `{ price: 12.5, currency: "EUR" }` */
      up(doc) {
        const { price } = doc;
        if (price === undefined || price === null) return doc;
        const match = /^(\d+),(\d\d) ([A-Z]{3})$/.exec(typeof price === 'string' ? price : '');
        if (!match) throw new Error(`price ${JSON.stringify(price)} is not like "12,50 EUR"`);
        return { ...doc, price: Number(`${match[1]}.${match[2]}`), currency: match[3] };
      },
      /** The reverse of `up`, without loss, so that the writers can be switched back, too. */
      down({ currency, ...doc }) {
        if (typeof doc['price'] !== 'number') return doc;
        return { ...doc, price: `${doc['price'].toFixed(2).replace('.', ',')} ${String(currency)}` };
      },
    },
  },
});
