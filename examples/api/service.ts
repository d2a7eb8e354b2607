// A service that writes books while the release job migrates them. Its client writes to both indexes, so no
// write waits for the migration, and the service may be restarted before, during or after it.
import type { Client } from '@opensearch-project/opensearch';
import { withTwindex } from 'twindex';
import { books } from './books.js';

export interface Service {
  save(id: string, book: { readonly title: string; readonly price: number | string }): Promise<void>;
  close(): Promise<void>;
}

/** @param version of the documents that this release of the service writes */
export async function startService(client: Client, version: 1 | 2): Promise<Service> {
  const wrapped = await withTwindex(client, { indexes: [books], version });
  return {
    save: async (id, body) => {
      await wrapped.index({ index: 'books-write', id, body });
    },
    close: () => wrapped.close(),
  };
}
