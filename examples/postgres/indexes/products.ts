// Products whose source of truth is a table. Version 1 had what an application once wrote: the price as text, and no supplier.
// Version 2 is filled from the table, which has more fields. `up` converts documents that are written to version 1 meanwhile.
import { Client } from 'pg';
import Cursor from 'pg-cursor';
import { defineIndex } from 'twindex';

const ROWS_AT_ONCE = 1_000;

interface Product {
  /** `bigint`, as text. */
  readonly id: string;
  readonly revision: string;
  readonly title: string;
  readonly price: string;
  readonly currency: string;
  readonly supplier: string;
}

export default defineIndex({
  name: 'products',
  version: 2,
  settings: { number_of_shards: 1, number_of_replicas: 0 },
  mappings: {
    dynamic: 'strict',
    properties: {
      title: { type: 'text' },
      price: { type: 'scaled_float', scaling_factor: 100 }, // was keyword, "12.50 EUR"
      currency: { type: 'keyword' },
      supplier: { type: 'keyword' }, // only the table has it
    },
  },
  migrations: {
    2: {
      up({ price, ...doc }) {
        const [amount, currency] = String(price).split(' ');
        return { ...doc, price: Number(amount), currency };
      },
      down({ title, price, currency }) {
        return { title, price: `${Number(price).toFixed(2)} ${String(currency)}` };
      },
    },
  },

  /** Reads through a cursor of the server, since the table may not fit into memory. `after`: the last id of the earlier run. */
  async *reingest({ after, signal }) {
    const client = new Client({ connectionString: process.env['DATABASE_URL'] });
    await client.connect();
    const cursor = client.query(
      new Cursor<Product>(
        `SELECT p.id, p.revision, p.title, p.price, p.currency, s.name AS supplier
           FROM product p JOIN supplier s ON s.id = p.supplier_id
          WHERE p.id > $1 ORDER BY p.id`,
        [after ?? 0],
      ),
    );
    try {
      while (!signal.aborted) {
        const rows = await cursor.read(ROWS_AT_ONCE);
        if (rows.length === 0) return;
        for (const { id, revision, price, ...row } of rows)
          yield { id, version: BigInt(revision), source: { ...row, price: Number(price) }, cursor: id };
      }
    } finally {
      await cursor.close();
      await client.end();
    }
  },
});
