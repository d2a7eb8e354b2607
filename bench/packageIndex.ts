// The mappings of the package index, and the transform that is measured.

const NAME = { type: 'text', fields: { raw: { type: 'keyword', ignore_above: 256 } } };

const FIELDS = {
  package: NAME,
  source: { type: 'keyword' },
  version: { type: 'keyword' },
  suite: { type: 'keyword' },
  architecture: { type: 'keyword' },
  section: { type: 'keyword' },
  priority: { type: 'keyword' },
  multiArch: { type: 'keyword' },
  essential: { type: 'boolean' },
  maintainer: NAME,
  homepage: { type: 'keyword' },
  summary: { type: 'text' },
  description: { type: 'text' },
  depends: { type: 'text' },
  tags: { type: 'keyword' },
  installedSizeKb: { type: 'integer' },
  size: { type: 'long' },
  sha256: { type: 'keyword' },
};

export const packageMappings = { dynamic: 'strict', properties: FIELDS };

/** The mappings for documents after `splitDepends`. */
export const transformedMappings = {
  dynamic: 'strict',
  properties: { ...FIELDS, depends: { type: 'keyword' } },
};

/** Turns `"libc6 (>= 2.38), zlib1g"` into `["libc6 (>= 2.38)", "zlib1g"]`. */
export function splitDepends(doc: Record<string, unknown>): Record<string, unknown> {
  const { depends } = doc;
  return typeof depends === 'string' ? { ...doc, depends: depends.split(', ') } : doc;
}

/** A typical migration: another analyzer for two fields, and another type for two others. */
export const reanalysis = {
  analyzer: { folded: { type: 'custom', tokenizer: 'standard', filter: ['lowercase', 'asciifolding'] } },
};

export const reanalysedMappings = {
  dynamic: 'strict',
  properties: {
    ...FIELDS,
    summary: { type: 'text', analyzer: 'folded' },
    description: { type: 'text', analyzer: 'folded' },
    installedSizeKb: { type: 'long' },
    priority: { type: 'text' },
  },
};
