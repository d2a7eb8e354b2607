export default {
  name: 'NAME',
  version: 2,
  settings: { number_of_shards: 1, number_of_replicas: 0 },
  mappings: { properties: { cents: { type: 'long' }, extra: { type: 'keyword' } } },
  migrations: {
    2: {
      up: ({ price, ...rest }) => ({ cents: Math.round(Number(price) * 100), ...rest }),
      down: ({ cents, extra: _onlyInV2, ...rest }) => ({ price: (cents / 100).toFixed(2), ...rest }),
    },
  },
};
