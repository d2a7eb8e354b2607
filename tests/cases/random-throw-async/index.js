export default {
  name: 'NAME',
  version: 2,
  settings: { number_of_shards: 1, number_of_replicas: 0 },
  mappings: { properties: { n: { type: 'long' } } },
  migrations: { 2: { up: async (doc) => {
    globalThis.calls = (globalThis.calls ?? 0) + 1;
    if (globalThis.calls % 2 === 0) throw new Error('every second one');
    return doc;
  } } },
};
