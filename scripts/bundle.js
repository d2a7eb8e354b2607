// Makes few files of the command line, for a short start: Node needs about as long to find and link hundreds of small
// modules as to run them. Replaces dist/cli/main.js, which tsc has written, and writes dist/cli/chunks/: a chunk has the
// modules that the same commands need, and is loaded by these alone. The code is not minified, so that stack traces name
// functions and lines. Dependencies are included, with their licences. The library (dist/index.js) is left as it is.
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const MAIN = join(ROOT, 'dist/cli/main.js');

/** Loaded only to ask a question, or to read TypeScript. jiti finds its parts by the path of its own files. */
const LEFT_OUT = ['@clack/prompts', 'jiti'];
/** Installed by users who need them. */
const OPTIONAL = ['@smithy/signature-v4', '@aws-sdk/credential-provider-node'];

const HTTP = '\0http';
const WHOLE_UNDICI = '\0undici';

/**
 * The parts of undici that a connection to a cluster needs. undici's own index.js also loads fetch, WebSocket, caches,
 * mocks and proxies, which takes longer than everything else at the start of twindex.
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

/** @param {readonly string[]} modules @returns {string} the licences of the packages that the modules are from */
function licences(modules) {
  const folders = new Set(
    modules.flatMap((id) => /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+/.exec(id)?.[0] ?? []),
  );
  const texts = [...folders].sort().map((folder) => {
    const { name, version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
    const file = readdirSync(folder).find((one) => /^licen[cs]e/i.test(one));
    if (file === undefined) throw new Error(`${folder} has no licence`);
    return `${name} ${version}\n\n${readFileSync(join(folder, file), 'utf8').trim()}\n`;
  });
  return `The files in this folder contain code of these packages.\n\n${texts.join(`\n${'-'.repeat(80)}\n\n`)}`;
}

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
