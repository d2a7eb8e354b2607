// POST /_index_template/_simulate_index/NAME: the content that a composable template gives to a new index.
import type { JsonObject } from '../../json/jsonTypes.js';
import type { Cluster } from '../cluster.js';

export interface TemplateContent {
  readonly settings: JsonObject;
  readonly mappings: JsonObject;
  readonly aliases: JsonObject;
}

/** @returns empty parts if no composable template matches. Legacy templates are not considered. */
export async function simulateIndex(cluster: Cluster, index: string): Promise<TemplateContent> {
  const { template } = await cluster.connection.exactJson<{ template?: Partial<TemplateContent> }>({
    method: 'POST',
    path: `/_index_template/_simulate_index/${encodeURIComponent(index)}`,
    repeat: 'always',
  });
  return { settings: {}, mappings: {}, aliases: {}, ...template };
}
