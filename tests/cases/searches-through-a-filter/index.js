const inverted = (doc) => ({ ...doc, active: !doc.active });

export default {
  name: 'NAME',
  version: 2,
  settings: { number_of_shards: 1, number_of_replicas: 0 },
  mappings: { properties: { n: { type: 'long' }, active: { type: 'boolean' } } },
  migrations: { 2: { up: inverted, down: inverted } },
  queries: './queries.ndjson',
  acceptance: { overlapAt10: 1, rankBiasedOverlap: 1, totalsDiffer: 0 },
};
