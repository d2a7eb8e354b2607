export default {
  name: 'NAME',
  version: 2,
  settings: { number_of_shards: 1, number_of_replicas: 0 },
  mappings: { properties: { n: { type: 'double' }, t: { type: 'text' } } },
  migrations: {
    2: { up: (doc) => ({ ...doc, k: 1 }), down: ({ k: _k, ...doc }) => doc },
  },
};
