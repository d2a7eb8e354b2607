// POST /_index_template/_simulate with an index's content as a template: the engine builds its mapping and
// analyzers as for a new index, but stores nothing.
import { randomInt, randomUUID } from 'node:crypto';
import type { Cluster } from '../cluster.js';
import { causesOf, toTwindexError } from '../engineErrors.js';
import type { IndexBody } from './createIndex.js';

/** The range of the random priority. Even in a simulation, templates that overlap must differ in priority. */
const PRIORITIES = [1_000_000_000, 2_000_000_000] as const;

/**
 * @returns why the engine refuses this content, the outermost reason first; undefined if it accepts it
 * @see https://docs.opensearch.org/latest/im-plugin/index-templates/
 * @throws TwindexError for every other response: the privilege or the API may be missing
 */
export async function simulateTemplate(
  cluster: Cluster,
  content: IndexBody,
): Promise<readonly string[] | undefined> {
  const request = {
    method: 'POST',
    path: '/_index_template/_simulate',
    body: {
      index_patterns: [`twindex-trial-${randomUUID()}`],
      priority: randomInt(...PRIORITIES),
      template: content,
    },
    repeat: 'always',
  } as const;
  const answer = await cluster.connection.send(request);
  if (answer.status < 300) return undefined;
  if (answer.status === 400) return causesOf(answer);
  throw toTwindexError(request, answer);
}
