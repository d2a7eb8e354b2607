import { defineIndex, exact } from 'twindex';

export default defineIndex({
  name: 'NAME',
  version: 2,
  settings: { number_of_shards: 1, number_of_replicas: 0 },
  mappings: {
    _meta: {
      long: 9007199254740993n,
      even: 9007199254740992n,
      wide: 123456789012345678901234567890n,
      version: exact('1.0'),
      whole: 1,
      small: 0.1,
      list: [exact('1.0'), 1, exact('-0.0')],
      ['__proto__']: { n: 18446744073709551615n },
      constructor: exact('2.0'),
      toString: '1.0',
      hasOwnProperty: true,
    },
    properties: { n: { type: 'long', null_value: 9007199254740993n } },
  },
});
