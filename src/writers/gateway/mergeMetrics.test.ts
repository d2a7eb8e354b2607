import { expect, it } from 'vitest';
import { mergeMetrics } from './mergeMetrics.js';

it('gives each sample the process that it comes from, and each metric one head', () => {
  const text = (count: number) =>
    `# HELP up Whether.\n# TYPE up gauge\nup 1\n# HELP requests Of clients.\n# TYPE requests counter\nrequests{status="200"} ${count}\n`;
  expect(
    mergeMetrics([
      [1, text(3)],
      [2, text(4)],
    ]),
  ).toBe(
    [
      '# HELP up Whether.',
      '# TYPE up gauge',
      'up{process="1"} 1',
      'up{process="2"} 1',
      '# HELP requests Of clients.',
      '# TYPE requests counter',
      'requests{process="1",status="200"} 3',
      'requests{process="2",status="200"} 4',
      '',
    ].join('\n'),
  );
});

it('keeps a metric that only one process has', () => {
  expect(
    mergeMetrics([
      [1, ''],
      [2, '# HELP a A.\n# TYPE a gauge\na 1\n'],
    ]),
  ).toBe('# HELP a A.\n# TYPE a gauge\na{process="2"} 1\n');
});
