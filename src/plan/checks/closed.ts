// Check: the source must be open, since a closed index cannot be read.
import { isClosed } from '../../cluster/indices/isClosed.js';
import type { Check } from './check.js';

export const checkClosed: Check = async ({ sourceCluster: cluster, source }) => {
  if (!source || !(await isClosed(cluster, source.index))) return [];
  return [
    {
      check: 'closed',
      level: 'block',
      message: `${source.index} is closed: it can't be read. Open it: POST /${source.index}/_open.`,
    },
  ];
};
