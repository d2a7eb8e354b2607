// The process is killed before and after every effect of the machine, by the names that a run without a kill recorded.
import { describe, expect, it } from 'vitest';
import { forEachKill, killEachTime, recordEffects } from './scene.js';

describe('a migration that is killed', () => {
  it('before or after any effect on the way forth, goes on when it is run again, and nothing is lost', async () => {
    const effects = await recordEffects();
    expect(effects).toEqual(
      expect.arrayContaining([
        'createTarget',
        'swapToken',
        'feed',
        'moveReaders',
        'closeWriters',
        'blockWrites',
        'saveProof',
        'moveWriters',
        'unblockOld',
        'deleteSource',
        'save finalizing -> finalized',
      ]),
    );
    await forEachKill(effects, async ({ project }, kills) => {
      await killEachTime(project, kills, 'finalized');
      const { code, output } = await project.migrate('finalized').ended;
      expect(code, output).toBe(0);
    });
  }, 900_000);
});
