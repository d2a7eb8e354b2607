export default {
  name: 'NAME',
  version: 2,
  settings: { number_of_shards: 1, number_of_replicas: 0 },
  mappings: { properties: { n: { type: 'long' }, at: { type: 'date' }, tags: { type: 'keyword' } } },
  migrations: {
    2: {
      up: (doc, { id }) => {
        doc.tags.push(id);
        doc.at = new Date(Number(id));
        doc.gone = undefined;
        return doc;
      },
      down: ({ at: _at, gone: _gone, ...doc }) => ({ ...doc, tags: doc.tags.slice(0, 1) }),
    },
  },
};
