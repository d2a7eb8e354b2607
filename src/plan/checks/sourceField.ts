// Check: documents are copied from `_source`, so it has to be stored, complete and unaltered.
import type { Engine } from '../../cluster/cluster.js';
import { passesSearchPipelines } from '../../cluster/guardedReads.js';
import { printJson } from '../../json/exactJson.js';
import { isObject } from '../../json/plain.js';
import type { JsonObject } from '../../json/jsonTypes.js';
import type { Check, Finding } from './check.js';
import { readSetting } from './readSetting.js';

export const checkSourceField: Check = ({ cluster, sourceCluster, source, target }) => {
  if (!source || !target) return Promise.resolve([]);
  const pipelines = [
    ...searchPipelineFindings(sourceCluster.engine, source),
    ...searchPipelineFindings(cluster.engine, target),
  ];
  return Promise.resolve([...sourceFieldFindings(source, target), ...pipelines]);
};

/**
 * In OpenSearch 2.7 and 2.8, no request can switch off the (experimental) default search pipeline of an
 * index.
 */
export function searchPipelineFindings(engine: Engine, { index, settings }: Side): Finding[] {
  const pipeline = readSetting(settings, 'search.default_pipeline');
  if (pipeline === undefined || pipeline === '_none' || passesSearchPipelines(engine)) return [];
  return [
    {
      check: 'source-field',
      level: 'block',
      message:
        `twindex would read the documents of ${index} through the search pipeline ${pipeline} (index.search.default_pipeline), which may ` +
        `change them. OpenSearch ${engine.version} can't switch it off for a request (2.9 can). Set index.search.default_pipeline to null for the time of the migration.`,
    },
  ];
}

interface Side {
  readonly index: string;
  /** Nested or flat. */
  readonly settings: JsonObject;
  readonly mappings: JsonObject;
}

function sourceFieldFindings(source: Side, target: Side): Finding[] {
  const findings: Finding[] = [];
  const add = (level: Finding['level'], message: string) =>
    findings.push({ check: 'source-field', level, message });
  const from = stored(source);
  const to = stored(target);
  if (from.type === 'disabled' || from.type === 'partial') {
    add(
      'block',
      `${source.index} ${lacks(from)}, so its documents cannot be copied. Fill a new index from the source of truth.`,
    );
  }
  if (to.type === 'disabled' || to.type === 'partial') {
    add(
      'block',
      `${target.index}, as declared, ${lacks(to)}: twindex could neither compare it nor copy from it for a rollback. Remove this from mappings._source.`,
    );
  }
  if (from.type === 'rebuilt') {
    add(
      'warn',
      `${source.index} does not store \`_source\` (${from.by}): it is copied as the engine rebuilds it, which may differ from what was written (order and duplicates in lists).`,
    );
  } else if (to.type === 'rebuilt') {
    add(
      'block',
      `${target.index}, as declared, does not store \`_source\` (${to.by}): the rebuilt documents could not be compared with ${source.index}. Remove this from the index file.`,
    );
  }
  return findings;
}

type Stored =
  | { readonly type: 'whole' }
  | { readonly type: 'disabled' }
  | { readonly type: 'partial'; readonly fields: string }
  | { readonly type: 'rebuilt'; readonly by: string };

function stored({ settings, mappings }: Omit<Side, 'index'>): Stored {
  const field = isObject(mappings['_source']) ? mappings['_source'] : {};
  const mode = field['mode'] ?? readSetting(settings, 'mapping.source.mode');
  if (field['enabled'] === false || field['enabled'] === 'false' || mode === 'disabled')
    return { type: 'disabled' };
  const lists = ['includes', 'excludes'].filter((key) => {
    const list = field[key];
    return Array.isArray(list) ? list.length > 0 : typeof list === 'string';
  });
  if (lists.length > 0) {
    return { type: 'partial', fields: lists.map((key) => `${key} ${printJson(field[key])}`).join(', ') };
  }
  if (mode === 'synthetic') return { type: 'rebuilt', by: 'synthetic source' };
  if (readSetting(settings, 'derived_source.enabled') === 'true')
    return { type: 'rebuilt', by: 'derived source' };
  // logsdb has synthetic source by default
  if (readSetting(settings, 'mode') === 'logsdb' && mode === undefined) {
    return { type: 'rebuilt', by: 'index.mode logsdb' };
  }
  return { type: 'whole' };
}

/** Why an index does not keep `_source` as it was written. @returns undefined if it does */
export function whyNotWhole(side: Omit<Side, 'index'>): string | undefined {
  const found = stored(side);
  if (found.type === 'whole') return undefined;
  return found.type === 'rebuilt' ? `does not store \`_source\` (${found.by})` : lacks(found);
}

function lacks(what: Stored): string {
  return what.type === 'partial'
    ? `keeps only a part of \`_source\` (${what.fields})`
    : 'does not keep `_source`';
}
