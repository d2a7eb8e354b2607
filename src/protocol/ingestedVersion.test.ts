import { describe, expect, it } from 'vitest';
import { stampOf } from './stamp.js';
import { ingestedVersion, stampsBegin, VERSION_LIMIT, isNewInSource } from './ingestedVersion.js';

describe('the version of a document from the source of truth', () => {
  it('is below every stamp, whatever the source counts', () => {
    expect(ingestedVersion(VERSION_LIMIT - 1n, false)).toBeLessThan(stampsBegin(1));
    expect(stampsBegin(1)).toBeLessThan(stampOf(1, 1, 0));
  });

  it('grows with the version of the source, whether or not the old index had the document', () => {
    expect(ingestedVersion(7n, false)).toBeLessThan(ingestedVersion(8n, true));
    expect(ingestedVersion(undefined, true)).toBe(ingestedVersion(0n, true));
  });

  it('shows whether the old index had the document', () => {
    expect(isNewInSource(ingestedVersion(7n, false), stampsBegin(1))).toBe(true);
    expect(isNewInSource(ingestedVersion(7n, true), stampsBegin(1))).toBe(false);
    expect(isNewInSource(stampOf(1, 1, 5) + 1n, stampsBegin(1))).toBe(false);
  });
});
