// Creates the catalogue of the gateway's benches: version 1 with its documents, and a project for version 2.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Cluster } from '../src/cluster/cluster.js';
import { DOCUMENTS } from './gatewayJob.js';
import { fillVersion1 } from './load.js';
import { products } from './products.js';

/**
 * The refresh interval is explicit, because by default the engine stops refreshing an index that nobody
 * searches.
 */
const SETTINGS = { number_of_shards: 1, number_of_replicas: 0, refresh_interval: '1s' };

export const fillProducts = (cluster: Cluster, name: string): Promise<void> =>
  fillVersion1(cluster, { name, corpus: products, documents: DOCUMENTS, settings: SETTINGS });

/** Writes the files for version 2, whose documents keep their shape. @returns the configuration's path */
export function writeProject(name: string, folder: string, url: string): string {
  const index = { name, version: 2, settings: SETTINGS, mappings: products.mappings };
  writeFileSync(join(folder, 'index.json'), JSON.stringify(index));
  const file = join(folder, 'twindex.config.json');
  writeFileSync(file, JSON.stringify({ cluster: { nodes: [url] }, indexes: ['./index.json'] }));
  return file;
}
