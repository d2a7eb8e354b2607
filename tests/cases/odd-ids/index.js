export default {
  name: 'NAME',
  version: 2,
  settings: { number_of_shards: 3, number_of_replicas: 0 },
  mappings: { properties: { n: { type: 'long' } } },
  migrations: {
    2: { up: (doc) => ({ ...doc, n: doc.n + 1 }), down: (doc) => ({ ...doc, n: doc.n - 1 }) },
  },
};
