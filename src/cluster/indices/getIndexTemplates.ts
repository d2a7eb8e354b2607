// GET /_index_template: the composable templates, with the index names that they apply to.
import type { Cluster } from '../cluster.js';

export interface IndexTemplate {
  readonly name: string;
  readonly patterns: readonly string[];
  readonly priority: number;
  /** If true, an index with a matching name can only be created as a data stream. */
  readonly dataStream: boolean;
}

interface TemplatesAnswer {
  readonly index_templates?: readonly {
    readonly name: string;
    readonly index_template: {
      readonly index_patterns: readonly string[];
      readonly priority?: number;
      readonly data_stream?: object;
    };
  }[];
}

export async function getIndexTemplates(cluster: Cluster): Promise<IndexTemplate[]> {
  const { index_templates } = await cluster.connection.json<TemplatesAnswer>({
    method: 'GET',
    path: '/_index_template',
    repeat: 'always',
  });
  return (index_templates ?? []).map(({ name, index_template: template }) => ({
    name,
    patterns: template.index_patterns,
    priority: template.priority ?? 0,
    dataStream: template.data_stream !== undefined,
  }));
}
