// Bundles the command line into few files, for a short start: Node needs about as long to find and link
// hundreds of small modules as to run them. Replaces dist/cli/main.js, which tsc has written, and writes
// dist/cli/chunks/. A chunk contains the modules that the same commands need, and only these commands load
// it. The code is not minified, so that stack traces name functions and lines. The bundle includes the
// dependencies with their licences. The library (dist/index.js) is not bundled.
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';
import { licences } from './licences.js';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const MAIN = join(ROOT, 'dist/cli/main.js');

/** Not bundled, since they are loaded only to ask a question or to read TypeScript. jiti also needs its own files. */
const LEFT_OUT = ['@clack/prompts', 'jiti'];
/** Not bundled, since only users who need these packages install them. */
const OPTIONAL = ['@smithy/signature-v4', '@aws-sdk/credential-provider-node'];

const HTTP = '\0http';
const WHOLE_UNDICI = '\0undici';

/**
 * The parts of undici that a connection to a cluster needs. undici's own index.js also loads fetch, WebSocket,
 * caches, mocks and proxies. Loading these takes longer than all other work at the start of twindex.
 */
const HTTP_PARTS = `
  import Pool from 'undici/lib/dispatcher/pool.js';
  import Dispatcher from 'undici/lib/dispatcher/dispatcher.js';
  import buildConnector from 'undici/lib/core/connect.js';
  import errors from 'undici/lib/core/errors.js';
  import requestMethod from 'undici/lib/api/api-request.js';
  Dispatcher.prototype.request = requestMethod; // as index.js does
  export { buildConnector, errors, Pool };
  export const request = async (...args) => (await import('${WHOLE_UNDICI}')).request(...args);
`;

/** @type {import('rolldown').Plugin} */
const partsOfUndici = {
  name: 'parts-of-undici',
  resolveId(id, importer) {
    if (id === 'undici') return HTTP;
    if (id === WHOLE_UNDICI) return { id: 'undici', external: true };
    return importer === HTTP ? this.resolve(id, MAIN) : undefined;
  },
  load: (id) => (id === HTTP ? HTTP_PARTS : undefined),
};

const bundle = await rolldown({
  input: { main: MAIN },
  platform: 'node',
  external: [/^node:/, ...LEFT_OUT, ...OPTIONAL],
  plugins: [partsOfUndici],
});
const chunks = join(ROOT, 'dist/cli/chunks');
if (existsSync(chunks)) rmSync(chunks, { recursive: true });
const { output } = await bundle.write({
  dir: join(ROOT, 'dist'),
  format: 'esm',
  entryFileNames: 'cli/[name].js',
  chunkFileNames: 'cli/chunks/[name]-[hash].js',
});
const modules = output.flatMap((file) => (file.type === 'chunk' ? file.moduleIds : []));
writeFileSync(join(chunks, 'LICENSES.txt'), licences(modules));
