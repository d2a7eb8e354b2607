export default {
  name: 'NAME',
  version: 2,
  settings: { number_of_shards: 1, number_of_replicas: 0 },
  mappings: { properties: { price: { type: 'double' } } },
  migrations: {
    2: {
      up: (doc) => {
        if (doc.price === undefined) throw new Error('no price');
        return { price: Number(doc.price) };
      },
    },
  },
};
