import { expect, onTestFinished, test, vi } from 'vitest';
import { candidates, javaOptions, javaRange, parseShape, parseSpec } from './spec.js';

test('without a version the default is used, or an older one that runs on Java 17', () => {
  expect(parseSpec()).toEqual({ name: 'opensearch', version: '3.8.0', explicit: false });
  expect(candidates(parseSpec('elasticsearch')).map(({ version }) => version)).toEqual(['9.2.0', '8.19.0']);
});

test('an explicit version is the only candidate', () => {
  const spec = parseSpec('elasticsearch@8.19.0');
  expect(spec).toEqual({ name: 'elasticsearch', version: '8.19.0', explicit: true });
  expect(candidates(spec)).toEqual([spec]);
});

test.each([
  [
    'solr@9.0.0',
    '"solr@9.0.0": there is no engine "solr". Write opensearch or elasticsearch, with or without a version: opensearch@3.8.0.',
  ],
  [
    '',
    '"": there is no engine "". Write opensearch or elasticsearch, with or without a version: opensearch@3.8.0.',
  ],
  ['opensearch@', '"opensearch@": "" is not a version. Write three numbers: opensearch@3.8.0.'],
  ['opensearch@3', '"opensearch@3": "3" is not a version. Write three numbers: opensearch@3.8.0.'],
  [
    'elasticsearch@9.2.0@x',
    '"elasticsearch@9.2.0@x": "9.2.0@x" is not a version. Write three numbers: elasticsearch@9.2.0.',
  ],
  [
    'opensearch@../../etc',
    '"opensearch@../../etc": "../../etc" is not a version. Write three numbers: opensearch@3.8.0.',
  ],
])('%j is refused, saying what can be written', (text, message) => {
  expect(() => parseSpec(text)).toThrow(expect.objectContaining({ code: 'usage', message }));
});

test.each(['opensearch@1.3.20', 'opensearch@2.11.1', 'elasticsearch@6.8.23', 'elasticsearch@7.16.3'])(
  '%s is refused, being older than what twindex works with',
  (text) => {
    expect(() => parseSpec(text)).toThrow(/OpenSearch 2\.12 and later and Elasticsearch 7\.17 and later/);
  },
);

test.each([
  ['opensearch@3.8.0', 21, undefined],
  ['elasticsearch@9.2.0', 21, undefined],
  ['opensearch@2.19.5', 17, 23],
  ['elasticsearch@8.17.0', 17, 23],
  ['elasticsearch@8.19.0', 17, undefined],
])('%s runs on Java %s to %s', (text, min, max) => {
  expect(javaRange(parseSpec(text))).toEqual({ min, max });
});

test('several nodes get smaller heaps than one', () => {
  expect(parseShape({})).toEqual({ nodes: 1, heapMb: 1024, settings: {} });
  expect(parseShape({ nodes: 3 })).toEqual({ nodes: 3, heapMb: 512, settings: {} });
});

test.each([0, 4, 1.5, Number.NaN])('a cluster of %s nodes is refused', (nodes) => {
  expect(() => parseShape({ nodes })).toThrow(
    `nodes: ${nodes} is not possible. A cluster of 1, 2 or 3 nodes can be started.`,
  );
});

test.each([0, 64, 512.5])('a heap of %s MiB is refused', (heapMb) => {
  expect(() => parseShape({ heapMb })).toThrow(
    `heapMb: ${heapMb} is not possible. Use a whole number of MiB, 128 or more.`,
  );
});

test('Java options keep those of the environment, but set the heap', () => {
  const shape = { nodes: 1, heapMb: 512, settings: {} };
  vi.stubEnv('OPENSEARCH_JAVA_OPTS', '-Xmx9g -Dmine=1');
  onTestFinished(() => void vi.unstubAllEnvs());
  expect(javaOptions(parseSpec('opensearch'), shape, '-XX:-UsePerfData')).toEqual({
    OPENSEARCH_JAVA_OPTS: '-Xmx9g -Dmine=1 -Xms512m -Xmx512m -XX:-UsePerfData',
  });
});
