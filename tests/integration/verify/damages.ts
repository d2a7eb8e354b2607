// Kinds of damage to one document, as somebody may do them behind the migration's back. JSON texts without the braces: some
// of it no JavaScript value has.

/** What the document says on the leader, and what is written in its place on the follower. */
export type Damage = readonly [kind: string, before: string, after: string];

const LONG = 'x'.repeat(30_000);
const nested = (levels: number, inner: string): string =>
  `${'{"a":'.repeat(levels)}${inner}${'}'.repeat(levels)}`;

/** The content is another one. */
export const DAMAGES: readonly Damage[] = [
  ['field-changed', '"a":1', '"a":2'],
  ['field-removed', '"a":1,"b":2', '"a":1'],
  ['field-added', '"a":1', '"a":1,"b":2'],
  ['field-renamed', '"a":1', '"A":1'],
  ['values-swapped', '"a":1,"b":2', '"a":2,"b":1'],
  ['number-as-text', '"a":1', '"a":"1"'],
  ['text-as-number', '"a":"1"', '"a":1'],
  ['true-as-text', '"a":true', '"a":"true"'],
  ['true-as-number', '"a":true', '"a":1'],
  ['false-as-zero', '"a":false', '"a":0'],
  ['order-of-an-array', '"a":[1,2]', '"a":[2,1]'],
  ['array-as-value', '"a":[1]', '"a":1'],
  ['element-missing', '"a":[1,2]', '"a":[1]'],
  ['element-twice', '"a":[1]', '"a":[1,1]'],
  ['null-as-missing', '"a":null', ''],
  ['missing-as-null', '', '"a":null'],
  ['empty-object-as-missing', '"a":{}', ''],
  ['empty-array-as-missing', '"a":[]', ''],
  ['empty-text-as-missing', '"a":""', ''],
  ['empty-array-as-null', '"a":[]', '"a":null'],
  ['empty-object-as-empty-array', '"a":{}', '"a":[]'],
  ['precision-of-a-double', '"a":0.30000000000000004', '"a":0.3'],
  ['digit-of-a-long-integer', '"a":9007199254740993', '"a":9007199254740992'],
  ['digit-of-a-long-decimal', '"a":1.00000000000000000001', '"a":1'],
  ['sign', '"a":5', '"a":-5'],
  ['exponent', '"a":1e3', '"a":1e4'],
  ['composed-and-decomposed', '"a":"\u00e9"', '"a":"e\u0301"'],
  ['letter-that-looks-alike', '"a":"a"', '"a":"\u0430"'],
  ['upper-case', '"a":"abc"', '"a":"Abc"'],
  ['blank-twice', '"a":"a b"', '"a":"a  b"'],
  ['line-end', '"a":"a"', '"a":"a\\n"'],
  ['end-of-a-long-text', `"a":"${LONG}a"`, `"a":"${LONG}b"`],
  ['nested-field', '"a":{"b":{"c":1}}', '"a":{"b":{"c":2}}'],
  ['order-of-nested-objects', '"a":[{"b":1},{"b":2}]', '"a":[{"b":2},{"b":1}]'],
  ['deep-inside', `"a":${nested(40, '1')}`, `"a":${nested(40, '2')}`],
  ['one-level-more', '"a":{"a":1}', '"a":{"a":{"a":1}}'],
  ['dotted-key', '"a":{"b":1}', '"a.b":1'],
  ['format-of-a-date', '"a":"2024-01-01"', '"a":"2024-01-01T00:00:00Z"'],
  ['shape-of-a-point', '"a":{"lat":1,"lon":2}', '"a":"1,2"'],
  ['order-of-a-point', '"a":[1,2.5]', '"a":[2.5,1]'],
  ['binary', '"a":"AAEC"', '"a":"AAED"'],
  ['padding-of-binary', '"a":"AA=="', '"a":"AA"'],
];

/** Written otherwise, and the same: no damage. */
export const HARMLESS: readonly Damage[] = [
  ['order-of-keys', '"a":1,"b":{"c":1,"d":2}', '"b":{"d":2,"c":1},"a":1'],
  ['escaped', '"a":"\u00e9/"', '"a":"\\u00e9\\/"'],
  ['layout', '"a":[1,2]', '"a" : [ 1 ,\n 2 ]'],
  ['fraction-of-zero', '"a":1', '"a":1.0'],
  ['power-of-ten', '"a":100', '"a":1e2'],
  ['negative-zero', '"a":0', '"a":-0'],
];
