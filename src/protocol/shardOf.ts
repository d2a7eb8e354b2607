// Computes the shard of a document as the engine does: murmur3 over the UTF-16 code units of the routing.
// Source: org.elasticsearch.cluster.routing.Murmur3HashFunction and IndexRouting (the same in OpenSearch).
import type { IndexRouting } from '../cluster/indices/indexRouting.js';
import type { DocumentKey } from '../cluster/documents/multiGet.js';

export function shardOf(key: DocumentKey, routing: IndexRouting): number {
  if (routing.shards === 1) return 0;
  const offset = routing.partitionSize > 1 ? floorMod(murmur3(key.id), routing.partitionSize) : 0;
  const slot = floorMod((murmur3(key.routing ?? key.id) + offset) | 0, routing.routingNumShards);
  return Math.floor(slot / (routing.routingNumShards / routing.shards));
}

function floorMod(a: number, b: number): number {
  return ((a % b) + b) % b;
}

/** murmur3 x86 32 bit, seed 0, over little-endian UTF-16. The result is a signed 32-bit integer. */
function murmur3(text: string): number {
  const bytes = Buffer.from(text, 'utf16le');
  const blocks = bytes.length >> 2;
  let h = 0;
  for (let i = 0; i < blocks; i++) {
    h ^= mix(bytes.readInt32LE(i * 4));
    h = (Math.imul((h << 13) | (h >>> 19), 5) + 0xe6546b64) | 0;
  }
  // After the blocks of four bytes, two bytes or none are left.
  if (bytes.length & 2) h ^= mix(bytes.readUInt16LE(blocks * 4));
  h ^= bytes.length;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}

function mix(k: number): number {
  const scaled = Math.imul(k, 0xcc9e2d51);
  return Math.imul((scaled << 15) | (scaled >>> 17), 0x1b873593);
}
