// Checks of the built site. It must work without any other host.
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** @throws Error if a page or a style sheet loads something from another host */
export async function checkSite(folder: string): Promise<void> {
  const files = (await readdir(folder, { recursive: true })).filter((file) =>
    /\.(?:html|css|svg)$/.test(file),
  );
  const found: string[] = [];
  for (const file of files)
    for (const address of loadedFrom(await readFile(join(folder, file), 'utf8')))
      found.push(`${file}: ${address}`);
  if (found.length > 0) throw new Error(`the site loads something from other hosts:\n${found.join('\n')}`);
}

/** Addresses that a browser would load by itself. A link (`<a href>`) is not one of them. */
export function loadedFrom(text: string): string[] {
  const loading =
    /(?:<(?:script|img|iframe|source|video|audio|image|use)\b[^>]*?\s(?:src|href|xlink:href)=["']|<link\b[^>]*?\shref=["']|url\(["']?|@import\s+["'])((?:https?:)?\/\/[^"')\s]+)/g;
  return [...text.matchAll(loading)].flatMap(([, address]) => address ?? []);
}
