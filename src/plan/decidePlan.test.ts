import { describe, expect, test } from 'vitest';
import type { LiveIndex } from '../cluster/indices/getIndex.js';
import type { Change, IndexDefinition } from '../schema/types.js';
import { chooseKind, decidePlan, type PlanInput } from './decidePlan.js';
import { chooseLive, layoutOf } from './findLive.js';
import { liveVersion } from '../protocol/indexVersion.js';

const definition: IndexDefinition = {
  name: 'shop',
  version: 2,
  aliases: { read: 'shop-read', write: 'shop-write' },
  settings: { number_of_replicas: 1 },
  mappings: {},
  migrations: {},
  file: 'shop.json',
};

function live(index: string, more: Partial<LiveIndex> = {}): LiveIndex {
  return {
    index,
    mappings: {},
    settings: { index: { uuid: `uuid-of-${index}` } },
    aliases: { 'shop-read': {}, 'shop-write': {} },
    ...more,
  };
}

function change(needs: Change['needs'], path = 'mappings.properties.price.type'): Change {
  return { path, before: 'keyword', after: 'double', needs, reason: 'it is so' };
}

const input = (more: Partial<PlanInput> = {}): PlanInput => ({
  definition,
  live: live('shop-v1'),
  closed: false,
  changes: [],
  schema: more.definition ?? definition,
  findings: [],
  size: { documents: 50_000, bytes: 25e6 },
  running: undefined,
  ...more,
});

const same = { ...definition, version: 1 };

test.each([
  ['create', { live: undefined }],
  ['new-version', { changes: [change('new-version')] }],
  ['new-version', {}], // a transform alone requires a new version
  ['nothing', { definition: same }],
  ['in-place', { definition: same, changes: [change('in-place')] }],
  ['close-and-open', { definition: same, changes: [change('in-place'), change('close-and-open')] }],
  ['blocked', { definition: same, changes: [change('in-place'), change('new-version')] }],
  ['blocked', { changes: [change('new-version'), change('blocked')] }],
  ['blocked', { live: live('shop-v3') }],
  ['nothing', { live: live('shop-v2') }],
] as [string, Partial<PlanInput>][])('the plan is %s for %j', (kind, more) => {
  expect(decidePlan(input(more)).kind).toBe(kind);
});

test('the plan for a breaking change without a new version says which version to declare', () => {
  const { reasons } = chooseKind(input({ definition: same, changes: [change('new-version')] }));
  expect(reasons).toEqual([
    'shop-v1 cannot be changed in this way: a new index is needed (mappings.properties.price.type). Raise `version` to 2 in shop.json.',
  ]);
});

test('the plan says when the declared version is below the live one', () => {
  const { reasons } = chooseKind(input({ live: live('shop-v3') }));
  expect(reasons[0]).toContain('shop.json declares version 2, but shop-v3 is already version 3');
});

test('a finding that blocks makes the plan blocked, a warning does not', () => {
  const finding = { check: 'health', message: 'red' } as const;
  expect(decidePlan(input({ findings: [{ ...finding, level: 'block' }] })).kind).toBe('blocked');
  expect(decidePlan(input({ findings: [{ ...finding, level: 'warn' }] })).kind).toBe('new-version');
});

test('a new version is described from the source to the target, with what it costs', () => {
  expect(decidePlan(input())).toMatchObject({
    source: { index: 'shop-v1', version: 1, uuid: 'uuid-of-shop-v1' },
    target: { index: 'shop-v2', version: 2 },
    layout: 'two-aliases',
    transform: false,
    lossyWayBack: false,
    estimate: { documents: 50_000, bytes: 25e6, diskBytes: 50e6 },
  });
});

test('an index that an interrupted run has left closed is to be opened', () => {
  const closed = live('shop-v1', { mappings: { _meta: { twindex: { closedForChange: true } } } });
  const finding = { check: 'closed', level: 'block', message: 'closed' } as const;
  const plan = decidePlan(input({ definition: same, live: closed, closed: true, findings: [finding] }));
  expect(plan.kind).toBe('close-and-open');
  expect(plan.findings).toMatchObject([{ check: 'closed', level: 'warn' }]);
});

test('an index that somebody else has closed blocks', () => {
  const finding = { check: 'closed', level: 'block', message: 'closed' } as const;
  expect(decidePlan(input({ definition: same, closed: true, findings: [finding] })).kind).toBe('blocked');
});

test('a running migration takes precedence over everything else', () => {
  const running = {
    state: 'copying',
    goal: 'cutover',
    paused: false,
    source: { index: 'shop-v1', version: 1 },
    target: { index: 'shop-v2', version: 2 },
    layout: 'one-alias',
    hasTransform: true,
    route: 'client',
  } as const;
  expect(decidePlan(input({ running, changes: [change('blocked')] }))).toMatchObject({
    kind: 'running',
    layout: 'one-alias',
    transform: true,
  });
});

describe('the transform and the way back', () => {
  const up = (doc: object) => ({ ...doc });
  const plan = (migrations: IndexDefinition['migrations'], version = 2) =>
    decidePlan(input({ definition: { ...definition, version, migrations } }));

  test('with up and down there is a transform, and the way back is lossless', () => {
    const { transform, lossyWayBack, findings } = plan({ 2: { up, down: up } });
    expect({ transform, lossyWayBack }).toEqual({ transform: true, lossyWayBack: false });
    expect(findings.map(({ check }) => check)).toEqual(['writers']);
    expect(findings[0]?.message).toContain('see the new shape from the cut-over on');
  });

  test('where readers and writers share a name, the readers see the new shape from the switch on', () => {
    const shared = {
      ...definition,
      aliases: { read: 'shop', write: 'shop' },
      migrations: { 2: { up, down: up } },
    };
    const { findings } = decidePlan(input({ definition: shared }));
    expect(findings[0]?.message).toContain('see the new shape from the switch on');
  });

  test('without down a rollback is lossy, and the plan names the version that lacks it', () => {
    const { lossyWayBack, findings } = plan({ 2: { up, down: up }, 3: { up } }, 3);
    expect(lossyWayBack).toBe(true);
    expect(findings[0]?.message).toContain('version 3 has `up` but no `down`');
  });

  test('functions of versions that are live already do not count', () => {
    expect(plan({ 1: { up } }).transform).toBe(false);
  });
});

describe('which index is live', () => {
  const none = { readers: [], writers: [], named: [] };
  const v1 = live('shop-v1');
  const v2 = live('shop-v2');

  test.each([
    ['the one behind the write alias', { ...none, writers: [v1], readers: [v2], named: [v1, v2] }, 'shop-v1'],
    ['the one behind the read alias', { ...none, readers: [v1], named: [v1, v2] }, 'shop-v1'],
    ['the newest by name', { ...none, named: [live('shop-v10'), live('shop-v9')] }, 'shop-v10'],
    ['the bare one', { ...none, named: [live('shop')] }, 'shop'],
    ['none', none, undefined],
  ])('%s', (_, around, index) => {
    expect(chooseLive(definition, around)?.index).toBe(index);
  });

  test('of several behind the write alias it is the write index', () => {
    const written = live('shop-a', { aliases: { 'shop-write': { is_write_index: true } } });
    expect(chooseLive(definition, { ...none, writers: [written, v1] })?.index).toBe('shop-a');
  });
});

test.each([
  [live('shop-v1'), 'two-aliases'],
  [live('shop-v1', { aliases: { 'shop-read': {} } }), 'two-aliases'],
  [live('shop-v1', { aliases: {} }), 'none'],
  [live('shop-read', { aliases: { 'shop-write': {} } }), 'bare-index'],
  [undefined, 'none'],
] as const)('the layout of %j is %s', (index, layout) => {
  expect(layoutOf(definition, index)).toBe(layout);
});

test('one alias for readers and writers is a layout of its own', () => {
  const one = { ...definition, aliases: { read: 'shop', write: 'shop' } };
  expect(layoutOf(one, live('shop-v1', { aliases: { shop: {} } }))).toBe('one-alias');
});

test.each([
  [live('shop-v7'), 7],
  [live('shop-v7', { mappings: { _meta: { twindex: { version: 3 } } } }), 3],
  [live('anything'), 1],
  [live('shop-v07'), 1],
  [live('shop-vv2'), 1],
])('the version of %j is %d', (index, version) => {
  expect(liveVersion('shop', index)).toBe(version);
});

test('documents that are given with the command are a source of truth, and the way back without them is said', () => {
  const asked = { route: 'reingest', noReindex: undefined } as const;
  expect(decidePlan(input(asked)).kind).toBe('blocked');
  const plan = decidePlan(input({ ...asked, given: true }));
  expect(plan).toMatchObject({ kind: 'new-version', route: { name: 'reingest' } });
  expect(plan.findings.map(({ message }) => message).join()).toContain(
    'shop-v1 does not get the documents from',
  );
});
