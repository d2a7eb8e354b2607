// Downloads Debian's package index (packages of every suite and architecture, and descriptions) into a
// separate folder, with apt-get, from the archive that this machine is configured for.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const SUITES: Readonly<Record<string, string>> = {
  trixie: 'amd64,arm64,armel,armhf,i386,ppc64el,riscv64,s390x',
  bookworm: 'amd64,arm64,armel,armhf,i386,mips64el,mipsel,ppc64el,s390x',
  'bookworm-backports': 'amd64,arm64,armel,armhf,i386,mips64el,mipsel,ppc64el,s390x',
  bullseye: 'amd64,arm64,armhf,i386',
  sid: 'amd64,arm64,armhf,i386,loong64,ppc64el,riscv64,s390x',
};
const KEYRING = '/usr/share/keyrings/debian-archive-keyring.gpg';
const APT_HELPER = '/usr/lib/apt/apt-helper';

export interface SuiteFiles {
  readonly suite: string;
  readonly descriptions: string;
  /** One file per architecture. */
  readonly packages: readonly string[];
}

export interface Archive {
  readonly suites: readonly SuiteFiles[];
  /** For example `trixie 13.2, … sid of 2026-10-30`. */
  readonly version: string;
}

/** @throws Error if there is no apt-get, or it has no Debian archive configured */
export function fetchArchive(folder: string): Archive {
  const uri = archiveUri();
  for (const made of ['state/lists/partial', 'cache/archives/partial'])
    mkdirSync(join(folder, made), { recursive: true });
  const signed = existsSync(KEYRING) ? ` signed-by=${KEYRING}` : '';
  const lines = Object.entries(SUITES).map(
    ([suite, architectures]) =>
      `deb [target=Packages,Translations arch=${architectures}${signed}] ${uri} ${suite} main\n`,
  );
  writeFileSync(join(folder, 'sources.list'), lines.join(''));
  const own = [
    `Dir::State=${folder}/state`,
    `Dir::Cache=${folder}/cache`,
    `Dir::Etc::sourcelist=${folder}/sources.list`,
    'Dir::Etc::sourceparts=-',
    'Acquire::Languages=en',
    'APT::Sandbox::User=root',
  ].flatMap((option) => ['-o', option]);
  apt(['update', '--error-on=any', ...own]);
  const targets = apt(['indextargets', ...own, '--format', '$(CREATED_BY) $(RELEASE) $(FILENAME)'])
    .trim()
    .split('\n')
    .map((line) => line.split(' ') as [string, string, string]);
  const filesOf = (kind: string, suite: string): string[] =>
    targets.filter(([by, release]) => by === kind && release === suite).map(([, , file]) => file);
  const suites = Object.keys(SUITES).map((suite) => ({
    suite,
    descriptions: filesOf('Translations', suite)[0] as string,
    packages: filesOf('Packages', suite),
  }));
  return { suites, version: versionOf(join(folder, 'state/lists')) };
}

/** Yields the paragraphs of an index file, as fields. */
export async function* paragraphs(file: string): AsyncGenerator<ReadonlyMap<string, string>> {
  const helper = spawn(APT_HELPER, ['cat-file', file], { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = once(helper, 'close') as Promise<[number | null]>;
  let rest = '';
  for await (const chunk of helper.stdout.setEncoding('utf8')) {
    const all = (rest + (chunk as string)).split('\n\n');
    rest = all.pop() ?? '';
    for (const one of all) yield fieldsOf(one);
  }
  if (rest.trim() !== '') yield fieldsOf(rest);
  const [code] = await ended;
  if (code !== 0) throw new Error(`${file} could not be read: apt-helper ended with ${code}`);
}

function fieldsOf(paragraph: string): Map<string, string> {
  const fields = new Map<string, string>();
  let last = '';
  for (const line of paragraph.split('\n')) {
    if (line.startsWith(' ')) {
      // a continuation line; ` .` stands for an empty line
      fields.set(last, `${fields.get(last)}\n${line === ' .' ? '' : line.slice(1)}`);
    } else {
      const colon = line.indexOf(':');
      last = line.slice(0, colon);
      fields.set(last, line.slice(colon + 1).trim());
    }
  }
  return fields;
}

function archiveUri(): string {
  const known = apt(['indextargets', '--format', '$(ORIGIN)|$(LABEL)|$(REPO_URI)', 'Created-By: Packages']);
  const line = known.split('\n').find((one) => one.startsWith('Debian|Debian|'));
  if (line) return line.slice('Debian|Debian|'.length);
  throw new Error(
    "apt-get knows no archive of Debian. The data set is made of Debian's package index: add the archive to the sources " +
      'of apt, run apt-get update, and start again.',
  );
}

function versionOf(lists: string): string {
  const releases = readdirSync(lists).filter((name) => name.endsWith('_InRelease'));
  return Object.keys(SUITES)
    .map((suite) => {
      const file = releases.find((name) => name.includes(`_dists_${suite}_`)) ?? '';
      const text = readFileSync(join(lists, file), 'utf8');
      const version = /^Version: (.*)$/m.exec(text)?.[1];
      const date = new Date(/^Date: (.*)$/m.exec(text)?.[1] ?? '').toISOString().slice(0, 10);
      return version === undefined ? `${suite} of ${date}` : `${suite} ${version}`;
    })
    .join(', ');
}

function apt(args: readonly string[]): string {
  const { status, stdout, stderr, error } = spawnSync('apt-get', args, {
    encoding: 'utf8',
    maxBuffer: 1 << 26,
    env: { ...process.env, LC_ALL: 'C' },
  });
  if (status === 0) return stdout;
  const said = error?.message ?? stderr.trim().split('\n').at(-1);
  throw new Error(
    `apt-get ${args[0]} failed: ${said}. The data set is made of Debian's package index, which apt-get fetches: run the ` +
      'benchmark on Debian, or bring the file of the data set from a machine that has it.',
  );
}
