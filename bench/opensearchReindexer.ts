// Copies with opensearch-reindexer, a Python program. It runs the revisions in a folder that have not been run yet.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inCache } from './cache.js';
import { timeOf } from './proc.js';
import type { Copy, Result } from './way.js';

const VERSION = '2.0.0';
/** The index in which opensearch-reindexer notes the revisions that were run. */
const REVISIONS = 'bench-reindexer-version';
const home = (): string => inCache(`opensearch-reindexer-${VERSION}`);
const program = (): string => join(home(), 'bin/reindexer');

/** Installs the program once, in a virtual environment in the cache folder. @returns the error, if it failed */
export function obtainReindexer(): string | undefined {
  if (existsSync(program())) return undefined;
  const venv = spawnSync('python3', ['-m', 'venv', home()], { encoding: 'utf8' });
  // its command line does not work with newer versions of click
  const packages = [`opensearch-reindexer==${VERSION}`, 'click<8.2'];
  const pip =
    venv.status === 0
      ? spawnSync(join(home(), 'bin/pip'), ['install', '--quiet', ...packages], { encoding: 'utf8' })
      : venv;
  if (pip.status === 0 && existsSync(program())) return undefined;
  rmSync(home(), { recursive: true, force: true });
  const lines = (pip.stderr || pip.error?.message || pip.stdout || '').trim().split('\n');
  return `could not be installed: ${lines.findLast((line) => line.includes('ERROR')) ?? lines.at(-1)}`;
}

/** `python` reads and writes in its own process; `painless` calls `_reindex`. */
export async function copyWithReindexer(copy: Copy, language: 'python' | 'painless'): Promise<Result> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-reindexer-'));
  try {
    mkdirSync(join(folder, 'migrations/versions'), { recursive: true });
    writeFileSync(join(folder, 'migrations/__init__.py'), '');
    writeFileSync(join(folder, 'migrations/env.py'), environment(copy.url));
    writeFileSync(
      join(folder, 'migrations/versions/1_copy.py'),
      language === 'python' ? pythonRevision(copy) : painlessRevision(copy),
    );
    const init = spawnSync(program(), ['init-index'], { cwd: folder, encoding: 'utf8' });
    if (init.status !== 0) throw new Error(`reindexer init-index: ${init.stderr || init.stdout}`);
    return await timeOf('opensearch-reindexer', program(), ['run'], folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
    await copy.cluster.connection.send({ method: 'DELETE', path: `/${REVISIONS}` });
  }
}

/** The file env.py as `reindexer init` creates it, but without TLS and password, and with a longer timeout. */
function environment(url: string): string {
  return `from opensearchpy import OpenSearch

VERSION_CONTROL_INDEX = "${REVISIONS}"
source_client = OpenSearch(hosts=["${url}"], http_compress=True, timeout=3600)
destination_client = source_client
`;
}

/**
 * A revision as `reindexer revision --language python` creates it, with one change: the original takes a
 * field `version` of a document for the version of the write.
 */
function pythonRevision({ source, target }: Copy): string {
  return `from opensearch_reindexer.base import BaseMigration, Config, Language

class Migration(BaseMigration):
    def transform_document(self, doc: dict) -> dict:
        return {"_source": doc}

config = Config(
    source_index="${source}",
    destination_index="${target}",
    batch_size=1000,
    destination_index_body=None,
    language=Language.python,
)
`;
}

function painlessRevision({ source, target }: Copy): string {
  return `from opensearch_reindexer.base import BaseMigration, Config, Language

class Migration(BaseMigration):
    pass

config = Config(
    reindex_body={"source": {"index": "${source}"}, "dest": {"index": "${target}"}},
    destination_index_body=None,
    language=Language.painless,
)
`;
}
