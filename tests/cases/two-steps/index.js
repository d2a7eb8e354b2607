export default {
  name: 'NAME',
  version: 3,
  settings: { number_of_shards: 1, number_of_replicas: 0 },
  mappings: { properties: { money: { properties: { cents: { type: 'long' }, cur: { type: 'keyword' } } } } },
  migrations: {
    2: {
      up: ({ price, ...rest }) => ({ cents: Math.round(Number(price) * 100), ...rest }),
      down: ({ cents, ...rest }) => ({ price: (cents / 100).toFixed(2), ...rest }),
    },
    3: {
      up: ({ cents, ...rest }) => ({ money: { cents, cur: 'EUR' }, ...rest }),
      down: ({ money, ...rest }) => ({ cents: money.cents, ...rest }),
    },
  },
};
