export default {
  name: 'NAME',
  version: 2,
  settings: { number_of_shards: 1, number_of_replicas: 0 },
  mappings: { properties: { n: { type: 'long' } } },
  // So many that in no comparison all of them happen to come out as they did before.
  migrations: { 2: { up: (doc) => (doc.n < 64 && Math.random() < 0.5 ? null : doc) } },
};
