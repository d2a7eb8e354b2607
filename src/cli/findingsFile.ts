// `verify --out`: writes every difference as one JSON object per line.
import { open } from 'node:fs/promises';
import { messageOf, TwindexError } from '../errors.js';
import type { VerifyFinding } from '../coordinator/verify/findings.js';

export interface FindingsFile {
  add(finding: VerifyFinding): void;
  /** Resolves after everything is written to the file. */
  close(): Promise<void>;
}

/** @throws TwindexError `usage` if the file cannot be written */
export async function openFindingsFile(file: string): Promise<FindingsFile> {
  const cannotWrite = (error: unknown): never => {
    throw new TwindexError('usage', `--out: cannot write ${file} (${messageOf(error)})`, { cause: error });
  };
  const handle = await open(file, 'w').catch(cannotWrite);
  const stream = handle.createWriteStream();
  const failed = new Promise<never>((_, reject) => stream.once('error', reject));
  failed.catch(() => undefined); // `close` throws this error
  return {
    add: (finding) => void stream.write(`${JSON.stringify(finding)}\n`),
    close: async () => {
      const ended = new Promise<void>((resolve) => stream.end(resolve));
      await Promise.race([ended, failed]).catch(cannotWrite);
    },
  };
}
