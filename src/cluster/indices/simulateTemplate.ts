// POST /_index_template/_simulate with the content of an index as a template that nobody keeps: the engine builds the mapping
// and the analyzers as if an index were created, and makes nothing.
import { randomInt, randomUUID } from 'node:crypto';
import type { Cluster } from '../cluster.js';
import { causesOf, toTwindexError } from '../engineErrors.js';
import type { IndexBody } from './createIndex.js';

/** Templates of the same priority must not match the same names, also where one of them is only tried. */
const PRIORITIES = [1_000_000_000, 2_000_000_000] as const;

/**
 * @returns why the engine refuses an index with this content, the outermost reason first; undefined: it does not
 * @see https://docs.opensearch.org/latest/im-plugin/index-templates/
 * @throws TwindexError for every other answer: the privilege or the API may be missing
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
