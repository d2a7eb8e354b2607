import { describe, expect, it, test } from 'vitest';
import type { Schema } from './diff.js';
import { findRefused, refusedAt } from './refusedAt.js';

const schema: Schema = {
  settings: {
    number_of_shards: 3,
    refresh_intervall: '5s',
    analysis: {
      analyzer: { words: { type: 'custom', tokenizer: 'nowhere', filter: ['lowercase', 'absent'] } },
    },
  },
  mappings: {
    properties: {
      title: { type: 'text', analyser: 'english', fields: { raw: { type: 'keywrod' } } },
      stock: {
        properties: { small: { type: 'byte', null_value: 300 }, net: { type: 'long', indexed: true } },
      },
    },
  },
};

test.each([
  ['unknown parameter [analyser] on mapper [title] of type [text]', 'mappings.properties.title.analyser'],
  [
    'unknown parameter [indexed] on mapper [net] of type [long]',
    'mappings.properties.stock.properties.net.indexed',
  ],
  ['no handler for type [keywrod] declared on field [raw]', 'mappings.properties.title.fields.raw.type'],
  ['Value [300] is out of range for a byte', 'mappings.properties.stock.properties.small.null_value'],
  [
    'unknown setting [index.refresh_intervall] did you mean [index.refresh_interval]?',
    'settings.refresh_intervall',
  ],
  [
    'Custom Analyzer [words] failed to find tokenizer under name [nowhere]',
    'settings.analysis.analyzer.words.tokenizer',
  ],
  [
    'Custom Analyzer [words] failed to find filter under name [absent]',
    'settings.analysis.analyzer.words.filter',
  ],
  ['something is wrong', undefined],
])('%s: %s', (reason, path) => {
  expect(refusedAt(schema, reason)).toBe(path);
});

describe('by trying', () => {
  const refuses = (culprit: string) => (part: Schema) =>
    Promise.resolve(JSON.stringify(part).includes(culprit));

  it.each([
    ['"null_value":300', 'mappings.properties.stock.properties.small.null_value'],
    ['keywrod', 'mappings.properties.title.fields.raw'],
    ['nowhere', 'settings.analysis.analyzer.words.tokenizer'],
  ])('the part with %s is found', async (culprit, path) => {
    expect(await findRefused(schema, 'no name at all', refuses(culprit))).toBe(path);
  });

  it('parts that are only refused together are named by their parent', async () => {
    const both = (part: Schema) => {
      const text = JSON.stringify(part);
      return Promise.resolve(text.includes('"title"') && text.includes('"stock"'));
    };
    expect(await findRefused(schema, 'two of them', both)).toBe('mappings');
  });
});
