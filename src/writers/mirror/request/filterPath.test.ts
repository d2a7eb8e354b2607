import { describe, expect, it } from 'vitest';
import { filterPath } from './filterPath.js';
import { prettyJson } from './prettyJson.js';

const DOCUMENT = '{"a":{"b":1,"c":{"b":2.50}},"l":[{"b":1},{"c":2},3,[{"b":4}]],"e":{},"a.b":5,"n":null}';

const filtered = (patterns: string): string => filterPath(Buffer.from(DOCUMENT), patterns).toString();

describe('filter_path', () => {
  it.each([
    ['', DOCUMENT],
    [' a.b , n', '{"a":{"b":1},"n":null}'],
    ['a', '{"a":{"b":1,"c":{"b":2.50}}}'],
    ['*.b', '{"a":{"b":1},"l":[{"b":1},[{"b":4}]]}'],
    ['**.b', '{"a":{"b":1,"c":{"b":2.50}},"l":[{"b":1},[{"b":4}]]}'],
    ['a.c.**.b', '{}'],
    ['a\\.b', '{"a.b":5}'],
    ['a*', '{"a":{"b":1,"c":{"b":2.50}},"a.b":5}'],
    ['e', '{"e":{}}'],
    ['e.x', '{}'],
    ['n.x', '{}'],
    ['*', DOCUMENT],
    ['-*', '{}'],
    ['-a,-l.b', '{"l":[{"c":2},3],"e":{},"a.b":5,"n":null}'],
    ['-a.*,-l,-e.x', '{"e":{},"a.b":5,"n":null}'],
    ['a,l,-**.b', '{"l":[{"c":2},3]}'],
  ])('%s', (patterns, expected) => {
    expect(filtered(patterns)).toBe(expected);
  });
});

describe('pretty', () => {
  it('prints as the engine does', () => {
    expect(prettyJson(Buffer.from('{"a":{},"b":[],"c":[1,{"d":"x"}]}')).toString()).toBe(
      '{\n  "a" : { },\n  "b" : [ ],\n  "c" : [\n    1,\n    {\n      "d" : "x"\n    }\n  ]\n}\n',
    );
  });
});
