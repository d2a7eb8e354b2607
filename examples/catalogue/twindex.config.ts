// Says where the cluster is, and which files declare its indexes. To use it:
// `npx twindex plan --config examples/catalogue/twindex.config.ts`
import { defineConfig } from 'twindex';

export default defineConfig({
  cluster: { nodes: [process.env['TWINDEX_URL'] ?? 'http://localhost:9200'] },
  indexes: ['./indexes/*.ts'],
});
