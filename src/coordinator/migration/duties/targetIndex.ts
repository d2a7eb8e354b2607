// Makes the body of the target index, and the `_meta` that twindex writes into an index. Pure.
import type { MigrationRecord } from '../../../protocol/record.js';
import type { Schema } from '../../../schema/diff.js';
import { declaredSettings, settingsToCreate } from '../../../schema/normaliseSettings.js';
import { objectAt } from '../../../json/plain.js';
import type { JsonObject } from '../../../json/jsonTypes.js';
import type { IndexDefinition } from '../../../schema/types.js';
import type { OwnMeta } from '../../../protocol/ownMeta.js';

export type Declared = Pick<IndexDefinition, 'settings' | 'mappings' | 'undeclaredFields'>;

export function metaWithOurs(declared: JsonObject, ours: OwnMeta): JsonObject {
  return { ...objectAt(declared['_meta']), twindex: { ...ours } };
}

const WAIT_FOR = 'index.write.wait_for_active_shards';

/**
 * While the target is filled, it has no refreshes, and no replicas, since writes would wait for them. It
 * keeps tombstones for as long as a request can be late.
 */
export function targetBody(declared: Declared, record: MigrationRecord): Schema {
  const { name, id, epoch, target, options } = record;
  const settings = settingsToCreate(declared.settings);
  return {
    settings: {
      ...settings,
      ...(settings['index.auto_expand_replicas'] === undefined
        ? {}
        : { 'index.auto_expand_replicas': 'false' }),
      ...(settings[WAIT_FOR] === undefined ? {} : { [WAIT_FOR]: '1' }),
      'index.refresh_interval': '-1',
      'index.number_of_replicas': '0',
      'index.gc_deletes': gcDeletes(options.graceMs, options.maxWritePauseMs),
    },
    mappings: {
      ...declared.mappings,
      _meta: metaWithOurs(declared.mappings, { name, version: target.version, migration: id, epoch }),
    },
  };
}

export function gcDeletes(graceMs: number, maxWritePauseMs: number): string {
  return `${Math.max(600, Math.ceil((3 * graceMs + maxWritePauseMs) / 1000))}s`;
}

/** The settings of the target after the back-fill. `null` stands for the engine's default. */
export function restoredSettings(declared: Declared): Record<string, unknown> {
  const settings = declaredSettings(declared.settings);
  const autoExpand = settings['index.auto_expand_replicas'];
  return {
    'index.refresh_interval': settings['index.refresh_interval'] ?? null,
    'index.number_of_replicas': settings['index.number_of_replicas'] ?? null,
    ...(autoExpand === undefined ? {} : { 'index.auto_expand_replicas': autoExpand }),
    ...(settings[WAIT_FOR] === undefined ? {} : { [WAIT_FOR]: settings[WAIT_FOR] }),
  };
}
