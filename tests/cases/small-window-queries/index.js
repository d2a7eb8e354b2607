export default {
  name: 'NAME',
  version: 2,
  settings: { number_of_shards: 1, number_of_replicas: 0, max_result_window: 15 },
  mappings: { properties: { n: { type: 'long' }, t: { type: 'text' } } },
  migrations: { 2: { up: (doc) => (doc.n < 14 ? doc : null) } },
  queries: './queries.ndjson', // written beside it by the case
  acceptance: { overlapAt10: 1 },
};
