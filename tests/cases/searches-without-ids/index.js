const turned = (document) => ({ ...document, active: !document.active });

export default {
  name: 'NAME',
  version: 2,
  settings: { number_of_shards: 1, number_of_replicas: 0 },
  mappings: { properties: { active: { type: 'boolean' } } },
  migrations: { 2: { up: turned, down: turned } },
  queries: './searches.ndjson',
  acceptance: { overlapAt10: 1 },
};
