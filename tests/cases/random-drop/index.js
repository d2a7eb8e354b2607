export default {
  name: 'NAME',
  version: 2,
  settings: { number_of_shards: 1, number_of_replicas: 0 },
  mappings: { properties: { n: { type: 'long' } } },
  migrations: { 2: { up: (doc) => (Math.random() < 0.5 ? null : doc) } },
};
