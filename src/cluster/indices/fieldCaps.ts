// GET /INDEX/_field_caps: the capabilities of each field in searches.
import type { Cluster } from '../cluster.js';

/** By the field's full name: `title.raw` -> `keyword, searchable, aggregatable`. Metadata fields are left out. */
export type FieldCaps = ReadonlyMap<string, string>;

interface CapsAnswer {
  readonly fields: Readonly<Record<string, Readonly<Record<string, Caps>>>>;
}

interface Caps {
  readonly searchable: boolean;
  readonly aggregatable: boolean;
  readonly metadata_field?: boolean;
}

export async function fieldCaps(cluster: Cluster, index: string): Promise<FieldCaps> {
  const { fields } = await cluster.connection.json<CapsAnswer>({
    method: 'GET',
    path: `/${encodeURIComponent(index)}/_field_caps`,
    query: { fields: '*' },
    repeat: 'always',
  });
  return new Map(
    Object.entries(fields).flatMap(([name, types]) => {
      const own = Object.entries(types).filter(([, { metadata_field }]) => metadata_field !== true);
      return own.length === 0 || name.startsWith('_') ? [] : [[name, own.map(capsText).join('; ')]];
    }),
  );
}

function capsText([type, { searchable, aggregatable }]: [string, Caps]): string {
  return `${type}${searchable ? ', searchable' : ''}${aggregatable ? ', aggregatable' : ''}`;
}
