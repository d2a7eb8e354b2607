// Check: clients must not send external versions. After the switch, the engine would refuse their writes,
// since the versions of twindex's copies are larger.
import { isClosed } from '../../cluster/indices/isClosed.js';
import { sampleVersions, type VersionSample } from '../../cluster/documents/sampleVersions.js';
import type { Check, Finding } from './check.js';
import { likelyEpoch } from '../../protocol/stamp.js';
import { ownerOf } from './targetFree.js';

const SAMPLE = 1_000;

/** Larger than any version that an engine reaches by counting, and smaller than a timestamp in ms after 2004. */
const LARGEST_INTERNAL = 2 ** 40;

export const checkExternalVersions: Check = async ({
  sourceCluster: cluster,
  definition,
  source,
  target,
}) => {
  if (definition.versioning === 'external') {
    return [
      {
        check: 'external-versions',
        level: 'block',
        message: `${definition.file} declares versioning 'external', which is not supported yet.`,
      },
    ];
  }
  // in an index that twindex created, versions are twindex's stamps
  if (!source || !target || ownerOf(source) !== undefined || (await isClosed(cluster, source.index)))
    return [];
  const samples = await Promise.all([
    sampleVersions(cluster, source, 'asc', SAMPLE),
    sampleVersions(cluster, source, 'desc', SAMPLE),
  ]);
  return externalVersionFindings(source.index, samples.flat());
};

function externalVersionFindings(index: string, samples: readonly VersionSample[]): Finding[] {
  const allHuge = samples.filter(({ version }) => version > LARGEST_INTERNAL);
  // These versions are probably stamps of an earlier migration, though the mapping does not mention one. They
  // are no problem, since the new migration uses a higher epoch.
  if (allHuge.length > 0 && allHuge.every(({ version }) => likelyEpoch(version) !== undefined)) return [];
  const [huge] = allHuge;
  if (huge) {
    return [
      {
        check: 'external-versions',
        level: 'block',
        message:
          `${index} is written with client-supplied versions (version_type=external; document ${huge.id} has version ` +
          `${huge.version}), which are not supported yet: after the switch such writes would be refused. ` +
          'First copy it into a new index with _reindex, which gives the documents versions of the engine, and let applications write without version_type.',
      },
    ];
  }
  // If the engine counts versions, each operation adds 1 to the version and uses one sequence number. So a
  // version above `seqNo + 1` comes from a client.
  const external = samples.find(({ version, seqNo }) => version > seqNo + 1);
  if (!external) return [];
  return [
    {
      check: 'external-versions',
      level: 'warn',
      message:
        `${index} has documents with client-supplied versions (version_type=external; document ${external.id} has ` +
        `version ${external.version}). If its writers still send versions, do not migrate it: after the switch, the ` +
        'engine would refuse their writes with 409.',
    },
  ];
}
