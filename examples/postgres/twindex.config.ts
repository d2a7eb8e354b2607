// To use it: `npx twindex plan --config examples/postgres/twindex.config.ts`. DATABASE_URL says where PostgreSQL is.
import { defineConfig } from 'twindex';

export default defineConfig({
  cluster: { nodes: [process.env['TWINDEX_URL'] ?? 'http://localhost:9200'] },
  indexes: ['./indexes/*.ts'],
});
