// Check: the declared search pipeline must exist. Engines accept the name of a missing pipeline, but refuse every
// search of the index.
import { getPipeline } from '../../cluster/ingest/getPipeline.js';
import { passesSearchPipelines } from '../../cluster/guardedReads.js';
import type { Check } from './check.js';
import { readSetting } from './readSetting.js';

export const checkSearchPipeline: Check = async ({ cluster, definition, source, target }) => {
  const name = readSetting((target ?? definition).settings, 'search.default_pipeline');
  if (name === undefined || name === '_none' || !passesSearchPipelines(cluster.engine)) return [];
  if (await getPipeline(cluster, name, 'search')) return [];
  return [
    {
      check: 'search-pipeline',
      level: 'block',
      message:
        `${(target ?? source)?.index} is declared with the search pipeline ${name} (index.search.default_pipeline), which does not ` +
        `exist: every search would fail. Create it first: PUT /_search/pipeline/${name}.`,
    },
  ];
};
