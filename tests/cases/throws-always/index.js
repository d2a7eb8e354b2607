export default {
  name: 'NAME',
  version: 2,
  settings: { number_of_shards: 1, number_of_replicas: 0 },
  mappings: { properties: { n: { type: 'long' } } },
  migrations: { 2: { up: (doc) => {
    if (doc.n === 7) throw new Error('never');
    return doc.n === 8 ? null : doc;
  } } },
};
