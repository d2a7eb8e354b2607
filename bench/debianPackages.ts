// Creates the data set to copy, once, in the cache folder. It has one document for each package, version and
// architecture in Debian's package index, with the fields that a package search would need.
import { createWriteStream, existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { inCache } from './cache.js';
import { type DataSet, lineOf } from './dataSet.js';
import { fetchArchive, paragraphs, type SuiteFiles } from './debianArchive.js';

const LINES_PER_WRITE = 1_000;

export async function obtainDebianPackages(onNote: (text: string) => void): Promise<DataSet> {
  const file = inCache('debian-packages.ndjson');
  const about = inCache('debian-packages.json');
  if (existsSync(about) && existsSync(file))
    return { ...(JSON.parse(readFileSync(about, 'utf8')) as Omit<DataSet, 'file'>), file };
  const folder = inCache('debian-index');
  onNote("fetching Debian's package index, about 330 MB");
  const { suites, version } = fetchArchive(folder);
  onNote(`making documents of it: ${file}`);
  const count = { documents: 0, bytes: 0 };
  await pipeline(Readable.from(lines(suites, count)), createWriteStream(`${file}.part`));
  renameSync(`${file}.part`, file);
  rmSync(folder, { recursive: true });
  const described = {
    name: "Debian's package index (main)",
    version,
    licence: 'each entry is under the licence of its package, all of them free software (DFSG)',
    ...count,
  };
  writeFileSync(about, `${JSON.stringify(described, undefined, 2)}\n`);
  return { ...described, file };
}

async function* lines(
  suites: readonly SuiteFiles[],
  count: { documents: number; bytes: number },
): AsyncGenerator<string> {
  // several architectures or suites may list the same package
  const seen = new Set<string>();
  let some: string[] = [];
  for (const { suite, descriptions, packages } of suites) {
    const texts = await descriptionsIn(descriptions);
    for (const file of packages) {
      for await (const fields of paragraphs(file)) {
        const id = `${fields.get('Package')}_${fields.get('Version')}_${fields.get('Architecture')}`;
        if (seen.has(id)) continue;
        seen.add(id);
        const source = JSON.stringify(documentOf(fields, suite, texts));
        count.documents++;
        count.bytes += Buffer.byteLength(source);
        some.push(lineOf(id, source));
        if (some.length < LINES_PER_WRITE) continue;
        yield some.join('');
        some = [];
      }
    }
  }
  yield some.join('');
}

/** The descriptions by checksum, which packages refer to. */
async function descriptionsIn(file: string): Promise<Map<string, string>> {
  const texts = new Map<string, string>();
  for await (const fields of paragraphs(file)) {
    const [, ...text] = (fields.get('Description-en') ?? '').split('\n');
    texts.set(fields.get('Description-md5') ?? '', text.join('\n'));
  }
  return texts;
}

function documentOf(
  fields: ReadonlyMap<string, string>,
  suite: string,
  texts: ReadonlyMap<string, string>,
): object {
  const text = (name: string): string | undefined => fields.get(name);
  const number = (name: string): number | undefined => (fields.has(name) ? Number(text(name)) : undefined);
  return {
    package: text('Package'),
    // the field is `name (version)` if the version of the source differs
    source: (text('Source') ?? text('Package'))?.split(' ')[0],
    version: text('Version'),
    suite,
    architecture: text('Architecture'),
    section: text('Section'),
    priority: text('Priority'),
    multiArch: text('Multi-Arch'),
    essential: text('Essential') === 'yes',
    maintainer: text('Maintainer'),
    homepage: text('Homepage'),
    summary: text('Description'),
    description: texts.get(text('Description-md5') ?? ''),
    depends: text('Depends'),
    // long lists are wrapped over several lines
    tags: text('Tag')?.split(/,\s+/),
    installedSizeKb: number('Installed-Size'),
    size: number('Size'),
    sha256: text('SHA256'),
  };
}
