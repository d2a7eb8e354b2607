// The release job of a service: migrates its index before the new version of the service starts. It prints the
// events as lines of JSON. When the job is stopped (SIGTERM), the next run continues.
import { createTwindex, type MigrationOptions, type MigrationResult } from 'twindex';
import { books } from './books.js';

export async function release(
  url: string,
  log: (line: string) => void,
  options: MigrationOptions = {},
): Promise<MigrationResult> {
  const stopped = new AbortController();
  const stop = (): void => stopped.abort(new Error('the release job was stopped'));
  process.once('SIGTERM', stop);
  await using twindex = createTwindex({ cluster: { nodes: [url] }, indexes: [books] });
  try {
    const run = twindex.migrate('books', { until: 'switched', signal: stopped.signal, ...options });
    for await (const event of run) log(JSON.stringify(event));
    return await run;
  } finally {
    process.off('SIGTERM', stop);
  }
}
