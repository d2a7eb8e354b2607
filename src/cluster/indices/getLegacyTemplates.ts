// GET /_template: the legacy templates, which apply if no composable template matches.
import type { JsonObject } from '../../json/jsonTypes.js';
import type { Cluster } from '../cluster.js';
import type { TemplateContent } from './simulateIndex.js';

export interface LegacyTemplate extends TemplateContent {
  readonly name: string;
  readonly patterns: readonly string[];
  readonly order: number;
}

interface LegacyBody {
  readonly order?: number;
  readonly index_patterns?: readonly string[];
  readonly settings?: JsonObject;
  readonly mappings?: JsonObject;
  readonly aliases?: JsonObject;
}

export async function getLegacyTemplates(cluster: Cluster): Promise<LegacyTemplate[]> {
  const templates = await cluster.connection.exactJson<Record<string, LegacyBody>>({
    method: 'GET',
    path: '/_template',
    repeat: 'always',
  });
  return Object.entries(templates).map(([name, body]) => ({
    name,
    patterns: body.index_patterns ?? [],
    order: body.order ?? 0,
    settings: body.settings ?? {},
    mappings: body.mappings ?? {},
    aliases: body.aliases ?? {},
  }));
}
