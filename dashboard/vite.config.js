// Builds the page into dist/dashboard/page, from where `twindex dashboard` serves it. Scripts and styles are in separate
// files, since the Content-Security-Policy of the server allows nothing inline.
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';
import { licences } from '../scripts/licences.js';

/** Writes the licences of the libraries that are in the page. @type {import('vite').Plugin} */
const licenceFile = {
  name: 'licences',
  generateBundle(_, bundle) {
    const modules = Object.values(bundle).flatMap((file) => (file.type === 'chunk' ? file.moduleIds : []));
    this.emitFile({ type: 'asset', fileName: 'LICENSES.txt', source: licences(modules) });
  },
};

export default defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  logLevel: 'warn',
  plugins: [licenceFile],
  build: {
    outDir: '../dist/dashboard/page',
    emptyOutDir: true,
    target: 'es2022',
    modulePreload: false,
    assetsInlineLimit: 0,
  },
});
