// Check: an ingest pipeline that is a step of a migration must exist, and must not move documents to another
// index.
import { getPipeline } from '../../cluster/ingest/getPipeline.js';
import { liveVersion } from '../../protocol/indexVersion.js';
import { stepsBetween } from '../rollbackLoss.js';
import type { Check, Finding } from './check.js';

/** A pipeline must not change these fields, because twindex uses them to find the copy of a document. */
const IDENTITY = new Set(['_id', '_routing', '_index', '_version']);
/** Processors that send documents to another index. */
const MOVERS = new Set(['reroute', 'date_index_name']);

export const checkTransformPipelines: Check = async ({ cluster, definition, source, target }) => {
  if (!source || !target) return [];
  const steps = stepsBetween(definition, liveVersion(definition.name, source)).flatMap(({ up, down }) => [
    up,
    down,
  ]);
  const names = new Set(steps.flatMap((step) => (typeof step === 'object' ? step.pipeline : [])));
  const findings: Finding[] = [];
  for (const name of names) {
    const pipeline = await getPipeline(cluster, name);
    const problem = pipeline
      ? whatMoves(pipeline)
      : 'does not exist. Create it first: PUT /_ingest/pipeline/NAME';
    if (problem)
      findings.push({
        check: 'transform-pipelines',
        level: 'block',
        message: `the ingest pipeline ${name} that ${definition.file} names ${problem}.`,
      });
  }
  return findings;
};

function whatMoves(value: unknown): string | undefined {
  if (Array.isArray(value)) return value.map(whatMoves).find(Boolean);
  if (typeof value !== 'object' || value === null) return undefined;
  for (const [key, member] of Object.entries(value)) {
    if (MOVERS.has(key)) return `has a ${key} processor: copies would go to another index`;
    if ((key === 'field' || key === 'target_field') && typeof member === 'string' && IDENTITY.has(member))
      return `changes ${member}: twindex could not find the copy of a document`;
    const within = whatMoves(member);
    if (within) return within;
  }
  return undefined;
}
