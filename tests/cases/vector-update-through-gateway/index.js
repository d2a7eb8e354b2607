export default {
  name: 'NAME',
  version: 2,
  settings: { number_of_shards: 1, number_of_replicas: 0 },
  mappings: { properties: { n: { type: 'integer' }, cents: { type: 'long' }, v: { type: 'dense_vector', dims: 2, similarity: 'l2_norm' }, s: { type: 'sparse_vector' } } },
  migrations: {
    2: {
      up: ({ price, ...rest }) => ({ cents: Math.round(Number(price) * 100), ...rest }),
      down: ({ cents, ...rest }) => ({ price: (cents / 100).toFixed(2), ...rest }),
    },
  },
};
