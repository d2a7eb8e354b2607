import { describe, expect, it } from 'vitest';
import { DOCUMENT_TYPES } from './documentTypes.js';
import { parametersOf, TYPED_FIELDS } from './fieldParameters.js';
import { DEFAULT_PARAMETERS, TYPE_NAMES } from './fieldTypes.js';

describe('the types of mappings', () => {
  it('know the same field types as the rest of twindex', () => {
    expect([...TYPED_FIELDS].sort()).toEqual([...TYPE_NAMES].sort());
    expect([...DOCUMENT_TYPES].sort()).toEqual([...TYPE_NAMES].sort());
  });

  it.each(TYPE_NAMES)('know the parameters of %s that have a default, with its kind', (type) => {
    const known = parametersOf(type);
    for (const [parameter, value] of Object.entries(DEFAULT_PARAMETERS[type] ?? {})) {
      const kind = known?.get(parameter);
      const allowed = Array.isArray(kind)
        ? kind.includes(value)
        : (KINDS_OF[typeof value as keyof typeof KINDS_OF] ?? []).includes(String(kind));
      expect({ parameter, kind, value, allowed }).toMatchObject({ parameter, allowed: true });
    }
  });
});

const KINDS_OF: Readonly<Record<'boolean' | 'number' | 'string', readonly string[]>> = {
  boolean: ['boolean'],
  number: ['number'],
  string: ['text', 'texts', 'scalar', 'value'],
};
