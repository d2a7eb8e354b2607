// SHA-256 checksums of the engines that are downloaded by default or by the version matrix, so that no
// repository or mirror can replace a program. Other files are compared only with the checksum that the
// repository itself has.
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { basename } from 'node:path';
import { pipeline } from 'node:stream/promises';

const KNOWN: Readonly<Record<string, string>> = {
  'opensearch-3.8.0.zip': '196c3cf4602c394f2e40e6174ccbf2a924eae37246f08fa6bbb6b75f9fd5ff1f',
  'opensearch-3.5.0.zip': 'b676ad392c95a94d8d2bd8785b8b922c7811536daf6a9ec0c7277a34bd8a17a9',
  'opensearch-2.19.5.zip': 'caccd4ab24c88a9278922ef626cd1d92990427aa3a3063f9278200d86dbf49b3',
  'opensearch-2.12.0.zip': 'ee0516eb10c36bd2c963eb05ac27a7ccb612c3e378056eef0264233bf6360758',
  'elasticsearch-9.2.0.zip': 'bf44938a0490ba2a303d39c9cb64b38963dd08c812ce93e10816e878585bcb6b',
  'elasticsearch-8.19.0.zip': '14833b2d86c30656901f92049f81fb5777a8e4545413c8656cd1a21b55173033',
  'elasticsearch-7.17.28.zip': '37004c9bd95165eb41b229204bbb9f311d8099d6db22ec22b2f019664f0a75ab',
};

export const isKnownFile = (name: string): boolean => Object.hasOwn(KNOWN, name);

/** @returns why a file is not genuine; undefined if it is genuine, or if its checksum is not in this list */
export async function whyNotGenuine(file: string): Promise<string | undefined> {
  const name = basename(file);
  const expected = KNOWN[name];
  if (expected === undefined) return undefined;
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  const found = hash.digest('hex');
  if (found === expected) return undefined;
  return (
    `${name} is not the file that was published: its SHA-256 is ${found}, but should be ${expected}. It is not used. Remove it ` +
    "from Maven's local repository, and check the mirror that it came from"
  );
}
