import { describe, expect, it } from 'vitest';
import { answerMsOf, kindOf, onlyReads } from './requestKind.js';

const TIMES = { read: 1_000, write: 2_000, long: 3_000 };

describe('the kind of a request', () => {
  const kinds: readonly (readonly [string, string, string])[] = [
    ['GET', '/a/_doc/1', 'read'],
    ['HEAD', '/a', 'read'],
    ['GET', '/_cluster/health?wait_for_status=green', 'read'],
    ['POST', '/a,b/_search?size=0', 'read'],
    ['POST', '/_msearch', 'read'],
    ['POST', '/_plugins/_sql', 'read'],
    ['PUT', '/a/_doc/1', 'write'],
    ['POST', '/_bulk', 'write'],
    ['PUT', '/a/_doc/_search', 'write'],
    ['POST', '/a/_doc/_search', 'write'],
    ['POST', '/a/_update/_forcemerge', 'write'],
    ['DELETE', '/_search/scroll', 'write'],
    ['PUT', '/_search', 'write'],
    ['POST', '/a/_forcemerge?max_num_segments=1', 'long'],
    ['POST', '/_reindex', 'long'],
    ['POST', '/_reindex/abc/_rethrottle', 'long'],
    ['POST', '/a/_update_by_query', 'long'],
    ['PUT', '/_snapshot/store/today?wait_for_completion=true', 'long'],
    ['POST', '/_snapshot/store/today/_restore', 'long'],
    ['GET', '/_tasks/abc:1?wait_for_completion=true', 'long'],
    ['POST', '/a/_close', 'long'],
    ['POST', '/_forcemerge/', 'long'],
    ['PUT', '/_enrich/policy/p/_execute', 'long'],
    ['PUT', '/forcemerge', 'write'],
    ['PUT', '/a/_settings', 'write'],
    ['OPTIONS', '*', 'write'],
  ];
  for (const [method, target, kind] of kinds)
    it(`${method} ${target}: ${kind}`, () => expect(kindOf({ method, target })).toBe(kind));

  it('an id that looks like an API does not make a request a search', () => {
    expect(onlyReads({ method: 'POST', target: '/a/_doc/_search' })).toBe(false);
    expect(onlyReads({ method: 'POST', target: '/a/_search' })).toBe(true);
  });
});

describe('the time limit for the answer', () => {
  const times: readonly (readonly [string, string, number])[] = [
    ['POST', '/a/_search', 1_000],
    ['POST', '/_bulk', 2_000],
    ['POST', '/a/_forcemerge', 3_000],
    ['GET', '/_cluster/health?timeout=20m', 1_230_000],
    ['POST', '/_bulk?timeout=5s&refresh', 35_000],
    ['PUT', '/a?master_timeout=1h&timeout=1s', 3_630_000],
    ['POST', '/_bulk?timeout=999999999d', 2 ** 31 - 1],
    ['POST', '/_bulk?timeout=soon', 2_000],
    ['POST', '/_bulk?timeout=5', 2_000],
    ['GET', '/a?no=timeout=5h', 1_000],
  ];
  for (const [method, target, ms] of times)
    it(`${method} ${target}: ${ms} ms`, () => expect(answerMsOf({ method, target }, TIMES)).toBe(ms));
});
