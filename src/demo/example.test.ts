import { describe, expect, it } from 'vitest';
import { productOf } from './catalogue.js';
import { documentOf, down, SCHEMA_V1, schemaV2, up } from './schemas.js';

interface Example {
  readonly settings: unknown;
  readonly mappings: unknown;
  readonly migrations: Readonly<Record<number, { up: typeof up; down: typeof down }>>;
}

/** The example imports the package by its name, which is the source in tests (vitest.config.ts). */
async function example(): Promise<Example> {
  const file = new URL('../../examples/catalogue/indexes/catalogue.ts', import.meta.url).pathname;
  return ((await import(file)) as { default: Example }).default;
}

describe('examples/catalogue', () => {
  it('declares what the demo migrates to', async () => {
    const { settings, mappings } = await example();
    const schema = schemaV2({ scaledFloat: true, edgeNgram: true, painless: true });
    expect({ settings, mappings }).toEqual(schema);
  });

  it('transforms as the demo does', async () => {
    const migration = (await example()).migrations[2];
    for (let n = 0; n < 300; n++) {
      const [v1, v2] = [documentOf(productOf(n), 1), documentOf(productOf(n), 2)];
      expect(migration?.up(v1)).toEqual(v2);
      expect(migration?.down(v2)).toEqual(v1);
    }
  });
});

describe('examples/catalogue/v1.json', () => {
  it('is the catalogue that the demo begins with', async () => {
    const { default: v1 } = await import('../../examples/catalogue/v1.json', { with: { type: 'json' } });
    expect(v1).toMatchObject(SCHEMA_V1);
  });
});
