// The index of these examples. Version 1 had the price as text, "9.50 EUR"; version 2 has a number.
import { defineIndex, type IndexInput } from 'twindex';

const settings = { number_of_shards: 1, number_of_replicas: 0 };

export const booksV1: IndexInput = defineIndex({
  name: 'books',
  version: 1,
  settings,
  mappings: { properties: { title: { type: 'text' }, price: { type: 'keyword' } } },
});

export const books: IndexInput = defineIndex({
  name: 'books',
  version: 2,
  settings,
  mappings: { properties: { title: { type: 'text' }, price: { type: 'double' } } },
  migrations: {
    2: {
      up: (doc) => ({ ...doc, price: Number.parseFloat(String(doc['price'])) }),
      down: (doc) => ({ ...doc, price: `${Number(doc['price']).toFixed(2)} EUR` }),
    },
  },
});
