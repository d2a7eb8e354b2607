// Shows the evidence of a migration as text: how many documents were copied and compared, and what was found.
import type { MigrationRecord, QueryEvidence, ReingestNote } from '../../protocol/record.js';
import { count, number } from '../../words.js';
import { renderFacts, type View } from './textLayout.js';

/** The facts to check before a gate is passed, one line each. */
export const evidenceLines = (record: MigrationRecord, view: View): string[] =>
  renderFacts(
    evidenceOf(record).map(([label, text]) => ({ label, text })),
    view,
  );

export function evidenceOf({
  evidence,
  documents,
  reingest,
  queries,
  secondCheck,
}: MigrationRecord): [string, string][] {
  const facts: [string, string][] = [
    ['copied', `${number(evidence.copied)} (of ${number(documents)} at the beginning)`],
    [
      'verified',
      `${count(evidence.compared, 'document')} compared, ${count(evidence.differences, 'difference')}, ${number(evidence.repaired)} repaired`,
    ],
  ];
  if (evidence.nonDeterministic > 0)
    facts.push([
      '',
      `${count(evidence.nonDeterministic, 'document')} could not be compared: the transform returns another result each time`,
    ]);
  for (const difference of evidence.firstDifferences) facts.push(['', difference]);
  if (secondCheck) {
    const { sampled, counts, wrong } = secondCheck;
    const found = wrong.length === 0 ? 'no difference' : count(wrong.length, 'finding');
    facts.push([
      'second check',
      `${count(sampled, 'document')} by realtime GET: ${found}; document counts: ${counts}`,
    ]);
    facts.push(...wrong.map((line): [string, string] => ['', line]));
  }
  if (queries) facts.push(...queryFacts(queries));
  if (evidence.deletesReconciled > 0)
    facts.push(['deletes', `${number(evidence.deletesReconciled)} reconciled`]);
  if (evidence.dropped > 0) facts.push(['dropped', `${number(evidence.dropped)} by the transform`]);
  if (reingest) facts.push(...reingestFacts(reingest));
  if (evidence.writePauseMs.length > 0) {
    facts.push(['write pause', evidence.writePauseMs.map((ms) => `${Math.round(ms)} ms`).join(', ')]);
  }
  return facts;
}

/** How many differing searches are shown as examples. */
const EXAMPLES = 5;

function queryFacts({
  requests,
  errors,
  overlapAt10,
  totalsDiffer,
  msBefore,
  msAfter,
  worst,
}: QueryEvidence): [string, string][] {
  const found = `${count(errors, 'failure')}, overlap@10 ${(Math.floor(overlapAt10 * 100 + 1e-9) / 100).toFixed(2)}, ${number(totalsDiffer)} with another total of hits`;
  const { latencyP95Ratio: _, ...otherwise } = worst;
  const examples = [...new Set(Object.values(otherwise).flat())];
  const times = `p95 ${Math.round(msBefore.p95)} ms before, ${Math.round(msAfter.p95)} ms after`;
  return [
    ['searches', `${number(requests)} compared, ${found}, ${times}`],
    ...examples.slice(0, EXAMPLES).map((line): [string, string] => ['', line]),
  ];
}

function reingestFacts(note: ReingestNote): [string, string][] {
  const { read, onlyTruth, notCompared, onlySource, onlySourceFirst, prune } = note;
  const facts: [string, string][] = [
    ['re-ingested', `${count(read, 'document')}, ${number(onlyTruth)} of them not in the old index`],
  ];
  if (notCompared > 0)
    facts.push([
      '',
      `${count(notCompared, 'document')} not compared, because they came from the source of truth`,
    ]);
  if (onlySource > 0) {
    const more = onlySource > onlySourceFirst.length ? ', ...' : '';
    const what = prune ? 'left out' : 'kept';
    facts.push([
      '',
      `${number(onlySource)} only in the old index, ${what}: ${onlySourceFirst.join(', ')}${more}`,
    ]);
  }
  return facts;
}
