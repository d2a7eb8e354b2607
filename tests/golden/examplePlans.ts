// Plans for the golden screens in plans/. A unit test renders them, and compares them with the files.
import type { Plan } from '../../src/plan/decidePlan.js';

const replaced: Plan = {
  name: 'catalogue',
  kind: 'new-version',
  source: { index: 'catalogue-v1', version: 1, uuid: 'u' },
  target: { index: 'catalogue-v2', version: 2 },
  layout: 'two-aliases',
  changes: [
    {
      path: 'mappings.properties.brand',
      before: undefined,
      after: { type: 'text', analyzer: 'names', fields: { raw: { type: 'keyword' } } },
      needs: 'in-place',
      reason: 'a new field: the engine adds it to a live index',
    },
    {
      path: 'mappings.properties.price.type',
      before: 'keyword',
      after: 'scaled_float',
      needs: 'new-version',
      reason:
        'the type of a field decides how its values are indexed and stored, and the engine never changes it',
    },
    {
      path: 'mappings.properties.price.scaling_factor',
      before: undefined,
      after: 100,
      needs: 'new-version',
      reason: 'changes with the field type (keyword -> scaled_float)',
    },
    {
      path: 'mappings.properties.stock.type',
      before: 'keyword',
      after: 'long',
      needs: 'new-version',
      reason:
        'the type of a field decides how its values are indexed and stored, and the engine never changes it',
    },
    {
      path: 'settings.analysis.analyzer.names',
      before: { tokenizer: 'standard', filter: ['lowercase', 'stop', 'asciifolding'] },
      after: { tokenizer: 'whitespace', filter: ['lowercase', 'asciifolding', 'name_synonyms'] },
      needs: 'new-version',
      reason:
        'it makes the terms of title: the engine would take it on a closed index, but what is indexed would keep the terms of the old definition',
    },
    {
      path: 'settings.analysis.filter.name_synonyms',
      before: undefined,
      after: { type: 'synonym', synonyms: ['sofa, couch', 'lamp, light', 'bookcase, shelf, rack, stand'] },
      needs: 'new-version',
      reason:
        'it makes the terms of title: the engine would take it on a closed index, but what is indexed would keep the terms of the old definition',
    },
    {
      path: 'settings.refresh_interval',
      before: '30s',
      after: undefined,
      needs: 'in-place',
      reason: 'a dynamic setting: the engine accepts it on an open index',
    },
  ],
  kept: { fields: [{ name: 'author.born', type: 'date' }], settings: { 'index.priority': '5' } },
  content: {
    settings: { 'index.number_of_shards': 1, 'index.number_of_replicas': 1 },
    mappings: { properties: { price: { type: 'scaled_float', scaling_factor: 100 } } },
  },
  findings: [
    {
      check: 'way-back',
      level: 'warn',
      message:
        'a rollback after the switch of the writers may lose data: version 2 has `up` but no `down` (declare it in migrations). Before the switch, a rollback loses nothing.',
    },
    {
      check: 'health',
      level: 'info',
      message: 'catalogue-v1 is yellow: 1 replica is not assigned.',
    },
  ],
  estimate: {
    documents: 1_200_000,
    bytes: 654_000_000,
    diskBytes: 1_308_000_000,
    time: { of: 'catalogue-v0', docsPerSecond: 9_800, copyMs: 122_000, verifyMs: 61_000 },
  },
  route: { name: 'client', reason: 'documents are changed by a function of the index file' },
  transform: true,
  lossyWayBack: true,
  fingerprint: 'f',
};

const created: Plan = {
  name: 'reviews',
  kind: 'create',
  target: { index: 'reviews-v1', version: 1 },
  layout: 'none',
  changes: [],
  content: {
    settings: { 'index.number_of_shards': 2, 'index.analysis.analyzer.words.filter': ['lowercase'] },
    mappings: {
      properties: { text: { type: 'text', analyzer: 'words' }, stars: { type: 'byte' } },
    },
    aliases: { 'reviews-read': {}, 'reviews-write': { is_write_index: true } },
  },
  findings: [],
  transform: false,
  lossyWayBack: false,
  fingerprint: 'f',
};

const inPlace: Plan = {
  name: 'orders',
  kind: 'in-place',
  source: { index: 'orders-v3', version: 3, uuid: 'u' },
  layout: 'one-alias',
  changes: [
    {
      path: 'mappings.properties.note',
      before: undefined,
      after: { type: 'text' },
      needs: 'in-place',
      reason: 'a new field: the engine adds it to a live index',
    },
    {
      path: 'settings.max_result_window',
      before: '10000',
      after: '20000',
      needs: 'in-place',
      reason: 'a dynamic setting: the engine accepts it on an open index',
    },
  ],
  findings: [],
  transform: false,
  lossyWayBack: false,
  fingerprint: 'f',
};

const closed: Plan = {
  ...inPlace,
  name: 'words',
  kind: 'close-and-open',
  source: { index: 'words-v1', version: 1, uuid: 'u' },
  changes: [
    {
      path: 'settings.analysis.analyzer.exact',
      before: undefined,
      after: { type: 'custom', tokenizer: 'keyword' },
      needs: 'close-and-open',
      reason: 'the engine accepts analysis settings only on a closed index',
    },
  ],
};

const blocked: Plan = {
  ...inPlace,
  name: 'sales',
  kind: 'blocked',
  source: { index: 'sales-v1', version: 1, uuid: 'u' },
  changes: [
    {
      path: 'mappings.properties.total.type',
      before: 'keyword',
      after: 'double',
      needs: 'new-version',
      reason:
        'the type of a field decides how its values are indexed and stored, and the engine never changes it',
    },
  ],
  findings: [
    {
      check: 'schema',
      level: 'block',
      message:
        'sales-v1 cannot be changed in this way: a new index is needed (mappings.properties.total.type). Raise `version` to 2 in indexes/sales.ts.',
    },
  ],
};

const running: Plan = {
  ...inPlace,
  name: 'users',
  kind: 'running',
  changes: [],
  running: {
    state: 'copying',
    goal: 'cutover',
    paused: false,
    source: { index: 'users-v1', version: 1 },
    target: { index: 'users-v2', version: 2 },
    layout: 'two-aliases',
    hasTransform: false,
    route: 'server',
  },
};

const tenant = (part: string, documents: number): Plan => ({
  ...replaced,
  name: `tenant-${part}`,
  source: { index: `tenant-${part}-v1`, version: 1, uuid: part },
  target: { index: `tenant-${part}-v2`, version: 2 },
  layout: 'one-alias',
  changes: replaced.changes.slice(1, 2),
  kept: undefined as never,
  findings: [],
  estimate: { documents, bytes: documents * 500, diskBytes: documents * 500 },
  route: { name: 'server', reason: 'documents stay as they are, so the engine copies them by itself (_reindex)' },
  transform: false,
  lossyWayBack: false,
});

const unchanged = (name: string): Plan => ({
  ...inPlace,
  name,
  kind: 'nothing',
  source: { index: `${name}-v1`, version: 1, uuid: 'u' },
  changes: [],
});

/** By the name of the screen. */
export const examplePlans: Readonly<Record<string, readonly Plan[]>> = {
  'plan-replace': [replaced],
  'plan-create': [created],
  'plan-many': [
    inPlace,
    blocked,
    unchanged('prices'),
    unchanged('pictures'),
    ...['a', 'b', 'c', 'd', 'e'].map((part, n) => tenant(part, 1_000 * (n + 1))),
    running,
    closed,
  ],
};
