// Downloads files with the machine's Maven, so that its mirrors, proxies and credentials apply. The files are
// executed. So a file is refused if its checksum in the repository is missing or differs. Only a file whose
// checksum is in checksums.ts needs no checksum in the repository, since some mirrors have none.
import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';

export type MavenResult =
  | { readonly type: 'done' }
  | { readonly type: 'no-maven' }
  | { readonly type: 'failed'; readonly output: string };

export interface MavenJob {
  readonly folder: string;
  readonly signal: AbortSignal | undefined;
  /** True if the caller itself compares the file with a known checksum. Then the repository needs none. */
  readonly isCompared?: boolean;
}

/** @param coordinates `group:artifact:version:packaging` */
export function fetchArtifact(coordinates: string, job: MavenJob): Promise<MavenResult> {
  return runMaven(
    [
      job.isCompared ? '--lax-checksums' : '--strict-checksums',
      'dependency:copy',
      `-Dartifact=${coordinates}`,
      `-DoutputDirectory=${job.folder}`,
    ],
    job.signal,
  );
}

/** Downloads a jar and all its runtime dependencies. @param coordinates `group:artifact:version` */
export async function fetchWithDependencies(coordinates: string, job: MavenJob): Promise<MavenResult> {
  const [groupId, artifactId, version] = coordinates.split(':');
  const pom = `<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>twindex</groupId><artifactId>fetch</artifactId><version>1</version>
  <dependencies><dependency>
    <groupId>${groupId}</groupId><artifactId>${artifactId}</artifactId><version>${version}</version>
  </dependency></dependencies>
</project>`;
  const copy = ['dependency:copy-dependencies', '-DincludeScope=runtime', `-DoutputDirectory=${job.folder}`];
  return runMaven(['--strict-checksums', ...copy], job.signal, pom);
}

/** Runs Maven in an empty folder, so that it does not read a pom.xml of the user. */
async function runMaven(args: string[], signal: AbortSignal | undefined, pom?: string): Promise<MavenResult> {
  const cwd = await mkdtemp(join(tmpdir(), 'twindex-maven-'));
  try {
    if (pom !== undefined) await writeFile(join(cwd, 'pom.xml'), pom);
    const program = process.platform === 'win32' ? 'mvn.cmd' : 'mvn';
    const child = spawn(program, ['--batch-mode', '--quiet', ...args], {
      cwd,
      stdio: ['ignore', 'pipe', 'pipe'],
      ...(signal ? { signal } : {}),
    });
    const exit = new Promise<number | 'no-maven'>((resolve, reject) => {
      child.once('error', (error: NodeJS.ErrnoException) =>
        error.code === 'ENOENT' ? resolve('no-maven') : reject(error),
      );
      child.once('close', (code) => resolve(code ?? 1));
    });
    const [code, out, err] = await Promise.all([exit, text(child.stdout), text(child.stderr)]);
    if (code === 'no-maven') return { type: 'no-maven' };
    return code === 0 ? { type: 'done' } : { type: 'failed', output: importantLines(out + err) };
  } finally {
    await rm(cwd, { recursive: true, force: true });
  }
}

function importantLines(output: string): string {
  const errors = output.split('\n').filter((line) => line.startsWith('[ERROR]') && line.length > 10);
  return (errors.length > 0 ? errors.slice(0, 3) : output.trim().split('\n').slice(-3)).join('\n');
}
