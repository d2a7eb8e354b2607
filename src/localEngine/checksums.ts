// SHA-256 checksums of all files that are downloaded by default, so that no repository or mirror can replace a
// program. Any other file is only compared with the checksum in the repository that it comes from.
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { basename } from 'node:path';
import { pipeline } from 'node:stream/promises';

const KNOWN: Readonly<Record<string, string>> = {
  'opensearch-3.8.0.zip': '196c3cf4602c394f2e40e6174ccbf2a924eae37246f08fa6bbb6b75f9fd5ff1f',
  'elasticsearch-9.2.0.zip': 'bf44938a0490ba2a303d39c9cb64b38963dd08c812ce93e10816e878585bcb6b',
  'elasticsearch-7.17.28.zip': '37004c9bd95165eb41b229204bbb9f311d8099d6db22ec22b2f019664f0a75ab',
};

export const isKnownFile = (name: string): boolean => Object.hasOwn(KNOWN, name);

/** Says why a file is not genuine. @returns undefined if it is genuine, or if its checksum is not in this list */
export async function whyNotGenuine(file: string): Promise<string | undefined> {
  const name = basename(file);
  const expected = KNOWN[name];
  if (expected === undefined) return undefined;
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  const found = hash.digest('hex');
  if (found === expected) return undefined;
  return (
    `${name} is not the file that was published: its SHA-256 is ${found}, and should be ${expected}. It is not used. Remove it ` +
    "from Maven's local repository, and look at the mirror that it came from"
  );
}
