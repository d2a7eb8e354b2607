// Reads the files of the page, which `npm run build` writes to dist/dashboard/page. They are small, so all of them
// are kept in memory, as they are and compressed.
import { readdir, readFile } from 'node:fs/promises';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { messageOf, TwindexError } from '../errors.js';
import { packageFile } from '../packageFile.js';

export interface PageFile {
  readonly type: string;
  readonly content: Buffer;
  readonly zipped: Buffer;
  /** Whether the file's name contains a hash of its content, so that a browser may cache it without a time limit. */
  readonly isHashed: boolean;
}

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8',
};

/** @returns by path, such as `/assets/index-1a2b.js`; the page itself is `/` */
export async function readPageFiles(): Promise<ReadonlyMap<string, PageFile>> {
  const folder = packageFile('dist/dashboard/page/');
  const names = await listFiles(folder);
  const files = await Promise.all(
    names.map(async (name): Promise<[string, PageFile]> => {
      const content = await readFile(new URL(name, folder));
      const type = TYPES[extname(name)] ?? 'application/octet-stream';
      const file = { type, content, zipped: gzipSync(content), isHashed: name.startsWith('assets/') };
      return [name === 'index.html' ? '/' : `/${name}`, file];
    }),
  );
  return new Map(files);
}

async function listFiles(folder: URL): Promise<string[]> {
  try {
    const found = await readdir(fileURLToPath(folder), { recursive: true });
    return found.filter((name) => extname(name) !== '').map((name) => name.replaceAll('\\', '/'));
  } catch (error) {
    throw new TwindexError('failed', `the page of the dashboard is missing (${messageOf(error)})`, {
      cause: error,
      hint: 'In a checkout, build it first: npm run build',
    });
  }
}
