import ts from 'typescript';
import { expect, it } from 'vitest';
import { DOCUMENT_TYPES, renderDocumentType, typeNameOf } from './documentTypes.js';

it('writes the type of the documents of a mapping', () => {
  const mappings = {
    properties: {
      title: { type: 'text', fields: { raw: { type: 'keyword' } } },
      id: { type: 'long' },
      'author.name': { type: 'keyword' },
      reviews: { type: 'nested', properties: { stars: { type: 'byte' }, at: { type: 'date' } } },
      'first-name': { type: 'alias', path: 'author.name' },
      'last-name': { type: 'keyword' },
      extra: { type: 'object', enabled: false },
      colour: { type: 'colour' },
    },
  };
  const text = renderDocumentType({ type: 'Book', of: 'books, version 1 (index.ts)', mappings });
  expect(text.slice(text.indexOf('export'))).toBe(`export interface Book {
  author?: {
    name?: string;
  };
  colour?: unknown;
  extra?: { [field: string]: unknown };
  id?: number | bigint;
  "last-name"?: string;
  reviews?: {
    at?: string | number;
    stars?: number;
  }[];
  title?: string;
}
`);
});

it('writes TypeScript for each field type', () => {
  const properties = Object.fromEntries(
    DOCUMENT_TYPES.map((type) => [type, type === 'alias' ? { type, path: 'text' } : { type }]),
  );
  const text = renderDocumentType({ type: 'All', of: 'all', mappings: { properties } });
  const { diagnostics } = ts.transpileModule(text, { reportDiagnostics: true });
  expect(diagnostics).toEqual([]);
  expect(text.match(/^ {2}\w+\?: /gm)).toHaveLength(DOCUMENT_TYPES.length - 1);
});

it.each([
  ['books', 'Book'],
  ['order-lines', 'OrderLine'],
  ['tenant-*', 'Tenant'],
  ['companies', 'Company'],
  ['addresses', 'Address'],
  ['status', 'Status'],
  ['analysis', 'Analysis'],
  ['news_2', 'News2'],
  ['2024', 'Document2024'],
])('names the type of %s %s', (name, type) => {
  expect(typeNameOf(name)).toBe(type);
});
