// Ten minutes of heavy writes and checks, one after the other, twice: no false alarm.
import { describe, expect, it, onTestFinished } from 'vitest';
import { Workload } from '../../chaos/workload.js';
import { testCluster } from '../engine.js';
import { PRICES, Subject } from '../migration/harness.js';
import { check } from './checked.js';

const SOAK_MS = 10 * 60_000;

describe('checks under heavy writes', () => {
  it.each([2, 3])(
    'find nothing where nothing is wrong, from 3 shards to %i',
    { timeout: 2 * SOAK_MS },
    async (shards) => {
      const cluster = await testCluster();
      const subject = await Subject.create(cluster, {
        before: { settings: { number_of_shards: 3 }, mappings: PRICES.before },
        settings: { number_of_shards: shards },
        mappings: PRICES.after,
        migrations: PRICES.migrations,
      });
      await subject.fill(20_000, (n) => ({ n, price: `${n},50 EUR` }));
      subject.start('ready', { stay: true });
      await subject.until('ready', ({ phase }) => phase === 'ready');
      const workload = new Workload(cluster, subject.definition.aliases.write, {
        documents: 1_999,
        pauseMs: 0,
      });
      workload.start(8);
      onTestFinished(() => workload.stop());
      const end = performance.now() + SOAK_MS;
      let checks = 0;
      let compared = 0;
      while (performance.now() < end) {
        const level = checks % 3 === 2 ? 'stamps' : 'content';
        const result = await check(subject, { level });
        expect(result).toMatchObject({ findings: [], behind: 0 });
        checks++;
        compared += result.compared;
      }
      console.log('checks', checks, 'compared', compared, 'writes', workload.acknowledged);
      expect(checks).toBeGreaterThan(5);
    },
  );
});
