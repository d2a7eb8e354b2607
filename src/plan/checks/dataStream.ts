// Check: twindex does not migrate the indexes of a data stream, which are append-only and roll over.
import { findDataStream } from '../../cluster/indices/findDataStream.js';
import type { Check } from './check.js';

export const checkDataStream: Check = async ({ sourceCluster: cluster, source }) => {
  const stream = source && (await findDataStream(cluster, source.index));
  if (!source || !stream) return [];
  return [
    {
      check: 'data-stream',
      level: 'block',
      message:
        `${source.index} belongs to the data stream ${stream}, which twindex cannot migrate. ` +
        `Change the index template of the data stream, roll the stream over (POST /${stream}/_rollover), and ` +
        'reindex the older data.',
    },
  ];
};
