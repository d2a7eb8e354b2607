export default {
  name: 'NAME',
  version: 2,
  settings: { number_of_shards: 1, number_of_replicas: 0 },
  mappings: { properties: { stock: { properties: { state: { type: 'keyword' } } } } },
  migrations: {
    2: {
      up: ({ stock, ...rest }) => ({ stock: { state: String(stock.sold) === 'true' ? 'sold' : 'here' }, ...rest }),
      down: ({ stock, ...rest }) => ({ stock: { sold: stock.state === 'sold' }, ...rest }),
    },
  },
};
