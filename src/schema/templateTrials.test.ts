import { expect, test } from 'vitest';
import { templateTrials } from './templateTrials.js';

const fields = (template: Record<string, unknown>): unknown =>
  templateTrials({ dynamic_templates: [{ a: template }] } as never).flatMap((trial) => trial.fields);

test('a template with a type is tried once', () => {
  expect(
    templateTrials({ dynamic_templates: [{ a: { match: 'x', mapping: { type: 'keyword' } } }] }),
  ).toEqual([{ path: 'mappings.dynamic_templates.0.a.mapping', fields: [{ type: 'keyword' }] }]);
});

test('a template without a type is tried with the types of the values that it applies to', () => {
  expect(fields({ match_mapping_type: ['string', 'double'], mapping: { store: true } })).toEqual([
    { type: 'text', store: true },
    { type: 'float', store: true },
  ]);
  expect(fields({ match: 'x', mapping: { type: '{dynamic_type}' } })).toHaveLength(7);
});

test('a template that depends on the name of a field, or on another field, cannot be tried', () => {
  expect(fields({ match: 'x', mapping: { type: 'text', analyzer: '{name}' } })).toEqual([]);
  expect(fields({ match: 'x', mapping: { type: 'alias', path: 'y' } })).toEqual([]);
  expect(templateTrials({})).toEqual([]);
});
