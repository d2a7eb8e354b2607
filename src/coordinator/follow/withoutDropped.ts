// Leaves out documents that the transform dropped. After the switch only the source has them, and keeps them.
import type { DocumentKey } from '../../cluster/documents/multiGet.js';
import type { Replication } from '../../protocol/replication.js';
import { getDocs } from '../../documents/getDocs.js';

/** @param missing documents that the leader does not have @returns those that the transform did not drop */
export async function withoutDropped(
  { follower, reshapeBack }: Replication,
  missing: readonly DocumentKey[],
): Promise<readonly DocumentKey[]> {
  const docs = await getDocs(follower.cluster, follower.index, missing, { source: true });
  const gone: DocumentKey[] = [];
  for (const [n, key] of missing.entries()) {
    const doc = docs[n];
    const wasDropped = doc?.source && (await reshapeBack(doc.source, key)).type === 'drop';
    if (!wasDropped) gone.push(key);
  }
  return gone;
}
