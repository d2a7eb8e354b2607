// One test for each case that was chosen.
import { test } from 'vitest';
import { engineName, engineUrls, testCluster, uniqueName } from '../engine.js';
import { type Case, listCases, readCase, whyNotOn } from './caseFile.js';
import { runCase } from './runCase.js';

const LONGEST_MS = 900_000;

export function runCases(isChosen: (one: Case) => boolean, options: { readonly concurrent: boolean }): void {
  let chosen = 0;
  for (const folder of listCases()) {
    const one = readOrFail(folder);
    if (!one || !isChosen(one)) continue;
    chosen += 1;
    test(`${folder}: ${one.title}`, { ...options, timeout: LONGEST_MS }, async (context) => {
      const { engine } = await testCluster();
      const reason = whyNotOn(one, engineName, engine.version);
      if (reason !== undefined) context.skip(reason);
      const [url] = engineUrls as [string];
      await runCase(one, { name: engineName, version: engine.version, url }, uniqueName(folder));
    });
  }
  if (chosen === 0) test.skip('no case of this kind is among those that CASE names');
}

/** A case that cannot be read is a test that fails, and the others run. */
function readOrFail(folder: string): Case | undefined {
  try {
    return readCase(folder);
  } catch (error) {
    test(folder, () => Promise.reject(error));
    return undefined;
  }
}
