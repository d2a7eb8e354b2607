// One test for each case that was chosen.
import { test } from 'vitest';
import { deleteIndexesOf, engineName, engineUrls, randomName, testCluster } from '../engine.js';
import { isNight } from '../../nightly.js';
import { type Case, isAboutAnEngine, listCases, readCase, whyNotOn } from './caseFile.js';
import { runCase } from './runCase.js';

const LONGEST_MS = 900_000;

export function runCases(isChosen: (one: Case) => boolean, options: { readonly concurrent: boolean }): void {
  let chosen = 0;
  for (const [at, folder] of listCases().entries()) {
    const one = readOrFail(folder);
    if (!one || !isChosen(one) || !isTurnOf(one, at)) continue;
    chosen += 1;
    test(`${folder}: ${one.title}`, { ...options, timeout: LONGEST_MS }, async (context) => {
      const { engine } = await testCluster();
      const reason = whyNotOn(one, engineName, engine.version);
      if (reason !== undefined) context.skip(reason);
      const [url] = engineUrls as [string];
      const name = randomName(folder);
      try {
        await runCase(one, { name: engineName, version: engine.version, url }, name);
      } finally {
        await deleteIndexesOf([name]);
      }
    });
  }
  if (chosen === 0) test.skip('no case of this kind is among those that CASE names');
}

/**
 * For each commit every third case runs: on one engine, or on each engine that the case is about. Cases that change the
 * cluster run one after the other, so each of them runs on one engine.
 */
function isTurnOf(one: Case, at: number): boolean {
  if (isNight || process.env['CASE'] !== undefined) return true;
  const turn = engineName === 'opensearch' ? 0 : 1;
  if (one.clusterSettings !== undefined) return at % 2 === turn;
  return isAboutAnEngine(one) ? at % 3 === 0 : at % 6 === 3 * turn;
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
