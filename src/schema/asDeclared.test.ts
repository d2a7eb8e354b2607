import { describe, expect, it } from 'vitest';
import { parseJson } from '../json/exactJson.js';
import { notAsDeclared } from './asDeclared.js';
import type { Schema } from './diff.js';

const ENGINE = { name: 'opensearch', version: '3.8.0', major: 3 } as const;
const schema = (text: string): Schema => parseJson(text) as Schema;
const differences = (created: string, declared: string): string[] =>
  notAsDeclared(schema(created), schema(declared), ENGINE);

describe('notAsDeclared', () => {
  it('sees the last digit of a long', () => {
    const mapping = (value: string) =>
      `{"settings":{},"mappings":{"properties":{"n":{"type":"long","null_value":${value}}}}}`;
    expect(differences(mapping('9007199254740992'), mapping('9007199254740993'))).toEqual([
      'mappings.properties.n.null_value is 9007199254740992, but declared as 9007199254740993',
    ]);
    expect(differences(mapping('9007199254740993'), mapping('9007199254740993.0'))).toEqual([]);
  });

  it('sees a list whose item was split', () => {
    const settings = (words: string) =>
      `{"mappings":{},"settings":{"analysis":{"filter":{"s":{"type":"stop","stopwords":${words}}}}}}`;
    expect(differences(settings('["a","b","c"]'), settings('["a, b","c"]'))).toHaveLength(1);
    expect(differences(settings('["a, b","c"]'), settings('["a, b","c"]'))).toEqual([]);
  });

  it('ignores additions of a template', () => {
    const created = '{"settings":{"max_result_window":"5"},"mappings":{"_meta":{"a":1},"dynamic":"strict"}}';
    expect(differences(created, '{"settings":{},"mappings":{"_meta":{"a":1},"dynamic":"strict"}}')).toEqual(
      [],
    );
  });

  it('ignores settings that operators change while an index is in use, and no others', () => {
    const settings = (text: string) => `{"mappings":{},"settings":${text}}`;
    const declared = settings(
      '{"number_of_replicas":1,"routing.allocation.enable":"none","codec":"default"}',
    );
    expect(differences(settings('{"number_of_replicas":"0","codec":"default"}'), declared)).toEqual([]);
    expect(differences(settings('{"number_of_replicas":"1","codec":"best_compression"}'), declared)).toEqual([
      'settings.codec is "best_compression", but declared as "default"',
    ]);
  });

  it('sees `_meta` that is not the same', () => {
    const meta = (value: string) => `{"settings":{},"mappings":{"_meta":{"v":${value}}}}`;
    expect(differences(meta('1'), meta('1.0'))).toHaveLength(1);
    expect(differences(meta('1000.0'), meta('1e3'))).toEqual([]);
    expect(differences(meta('{}'), meta('{"__proto__":1}'))).toHaveLength(1);
  });
});
