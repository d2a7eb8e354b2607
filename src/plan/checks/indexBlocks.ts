// Check: the source must have no block. Some blocks prevent a copy or the switch, and twindex would take a write
// block for its own, and remove it.
import type { LiveIndex } from '../../cluster/indices/getIndex.js';
import type { Check, Finding } from './check.js';
import { readSetting } from './readSetting.js';

export const checkIndexBlocks: Check = async ({ source, target }) =>
  source ? indexBlockFindings(source, target !== undefined) : [];

const CONSEQUENCE = {
  read_only_allow_delete:
    'the disk of one of its nodes is (or was) over the flood-stage watermark. Free space first; then remove the block',
  read_only: 'its aliases, mapping and settings cannot be changed. Remove the block',
  metadata: 'its aliases, mapping and settings cannot be read or changed. Remove the block',
  read: 'its documents cannot be read. Remove the block',
  write:
    'nobody can write to it, and a migration would remove the block. If the block is intended, remove it yourself for the duration of the migration',
} as const;

type Block = keyof typeof CONSEQUENCE;

/** For a change in place, only the metadata must be accessible; for a copy also the documents. */
function indexBlockFindings(source: LiveIndex, copy: boolean): Finding[] {
  const blocking: Block[] = copy
    ? ['read_only_allow_delete', 'read_only', 'metadata', 'read', 'write']
    : ['read_only_allow_delete', 'read_only', 'metadata'];
  return blocking
    .filter((block) => readSetting(source.settings, `blocks.${block}`) === 'true')
    .map((block) => ({
      check: 'index-blocks',
      level: 'block',
      message:
        `${source.index} has the block index.blocks.${block}: ${CONSEQUENCE[block]}: ` +
        `PUT /${source.index}/_settings {"index.blocks.${block}":null}.`,
    }));
}
