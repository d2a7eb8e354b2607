export default {
  name: 'NAME',
  version: 2,
  settings: { number_of_shards: 1, number_of_replicas: 0 },
  mappings: { properties: { m: { type: 'long' } } },
  migrations: {
    2: { up: ({ n }) => ({ m: BigInt(n) + 1n }), down: ({ m }) => ({ n: BigInt(m) - 1n }) },
  },
};
