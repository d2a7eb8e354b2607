// The status of a migration as text: its phase, its coordinator, and its findings.
import { reasonLines } from '../../commonReason.js';
import { type MigrationRecord, other, type QueryEvidence, type ReingestNote } from '../../protocol/record.js';
import type { MigrationStatus } from '../../coordinator/migration/steering/getStatus.js';
import { readsLines } from './readsText.js';
import { count, number } from '../../words.js';

const LABEL_WIDTH = 14;

export function renderStatus(status: MigrationStatus): string {
  const { name, phase, record, rejected } = status;
  const over = record.state === 'finalized' || record.state === 'aborted';
  const facts: [string, string][] = [
    ['readers', record[record.readers].index],
    ['writers', record[record.leader].index],
    ...(over
      ? []
      : [
          ...commandLines(record),
          ...goingOn(record),
          ...workerLines(status),
          ...writerLines(status),
          ...readsLines(status),
        ]),
    ...status.troubles.map((text, n): [string, string] => [n === 0 ? 'trouble' : '', text]),
    ['rejected', rejected.count === 0 ? 'no document' : count(rejected.count, 'document')],
    ...reasonLines(rejected.byReason, rejected.count).map((line): [string, string] => ['', line]),
    ...(record.keptUntil
      ? [['kept', `${record.source.index} is closed, and kept until ${record.keptUntil}`] as [string, string]]
      : []),
    ...(record.message && !over
      ? [['last', record.message.replaceAll('\n', `\n${' '.repeat(LABEL_WIDTH)}`)] as [string, string]]
      : []),
  ];
  return [
    `${name}: ${phase}${record.paused ? ', paused' : ''} (${record.state}), ${record.source.index} -> ${record.target.index}`,
    ...facts.map(([label, text]) => `  ${label.padEnd(LABEL_WIDTH)}${text}`),
    ...evidenceLines(record).map((line) => `  ${line}`),
  ].join('\n');
}

/** The waiting commands, and the last command if it was not carried out. */
function commandLines({ commands }: MigrationRecord): [string, string][] {
  const last = commands.ended.at(-1);
  return [
    ...commands.pending.map(({ command, by }): [string, string] => ['asked for', `${command}, by ${by}`]),
    ...(last && last.outcome !== 'done'
      ? [['not done', `${last.command}, asked for by ${last.by}: ${last.why}`] as [string, string]]
      : []),
  ];
}

/** The gateways and client libraries, their state, and the number of writes that they sent lately. */
export function writerLines({
  name,
  record,
  writers,
  pastWriters,
}: Pick<MigrationStatus, 'name' | 'record' | 'writers' | 'pastWriters'>): [string, string][] {
  const lines = writers.map((writer): [string, string] => {
    const { type, host, pid, updatedAt } = writer;
    const seen = writer.migrations[name];
    const shapes = Object.keys(seen?.shapes ?? {}).map((version) => `v${version}`);
    const does = seen?.holds
      ? 'holds'
      : seen && seen.generation > 0
        ? `generation ${seen.generation}`
        : 'hands on';
    const copies = seen ? `, ${number(seen.mirrored)} copies` : '';
    const refused = seen && seen.refused > 0 ? `, ${number(seen.refused)} refused` : '';
    const away = seen?.away
      ? `, sends no copies to ${record[other(record.leader)].index} since ${seen.away.since} (${seen.away.reason}): following brings what is written`
      : '';
    const speaks = shapes.length > 0 ? `, speaks ${shapes.join(' and ')}` : '';
    return [
      '',
      `${type} ${pid} on ${host}: ${does}${speaks}${copies}${refused}${away} (last sign ${updatedAt})`,
    ];
  });
  if (lines.length === 0) return [];
  const { mode, version } = record.writers;
  const past = pastWriters > 0 ? `; at least ${count(pastWriters, 'document')} came past them` : '';
  return [['written by', `${mode}; unnamed writes have version ${version}${past}`], ...lines];
}

function workerLines({ record, workers }: MigrationStatus): [string, string][] {
  return workers.map(({ pid, host, windows, comparisons, docsPerSecond, updatedAt }, n): [string, string] => {
    const ours = windows.filter(({ migration }) => migration === record.id).length;
    const differing = comparisons.find(
      ({ migration, result }) => migration === record.id && result === 'differs',
    );
    const does = differing?.reason ?? `${count(ours, 'window')}, ${number(docsPerSecond)} documents/s in all`;
    return [n === 0 ? 'workers' : '', `${pid} on ${host}: ${does} (last sign ${updatedAt})`];
  });
}

/** The limits of the copy rate, or why copying is slowed down or paused at present. */
export function throttleText({
  throttle,
  throttled,
}: Pick<MigrationRecord, 'throttle' | 'throttled'>): string {
  const { auto, maxDocsPerSecond, paused } = throttle;
  if (throttled) return throttled;
  if (paused) return 'copying is paused';
  const most = maxDocsPerSecond === null ? '' : `${number(maxDocsPerSecond)} documents/s at most`;
  const looks = auto ? 'held back where others are served more slowly' : 'however others are served';
  return [most || 'copied as fast as it goes', looks].join(', ');
}

function goingOn(record: MigrationRecord): [string, string][] {
  const { holder, goal, updatedAt, state, route } = record;
  const who = holder
    ? `${holder.user}, process ${holder.pid} on ${holder.host.split('/')[0]}`
    : 'nobody; twindex migrate goes on with it';
  return [
    ['goal', goal],
    ['route', route],
    ...(state === 'copying' ? [['throttle', throttleText(record)] as [string, string]] : []),
    ['coordinator', `${who} (last sign ${updatedAt})`],
  ];
}

/** The facts to review before a gate is passed. */
export function evidenceLines({
  evidence,
  documents,
  reingest,
  queries,
  secondCheck,
}: MigrationRecord): string[] {
  const facts: [string, string][] = [
    ['copied', `${number(evidence.copied)} (${number(documents)} were there at the beginning)`],
    [
      'verified',
      `${count(evidence.compared, 'document')} compared, ${count(evidence.differences, 'difference')}, ${number(evidence.repaired)} repaired`,
    ],
  ];
  if (evidence.nonDeterministic > 0)
    facts.push([
      '',
      `${count(evidence.nonDeterministic, 'document')} could not be compared: the transform gives another result each time`,
    ]);
  for (const difference of evidence.firstDifferences) facts.push(['', difference]);
  if (secondCheck) {
    const { sampled, counts, wrong } = secondCheck;
    const found = wrong.length === 0 ? 'no difference' : count(wrong.length, 'finding');
    facts.push([
      'second check',
      `${count(sampled, 'document')} by realtime GET: ${found}; numbers of documents: ${counts}`,
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
  return facts.map(([label, text]) => `${label.padEnd(LABEL_WIDTH)}${text}`);
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
  const found = `${count(errors, 'failure')}, overlap@10 ${(Math.floor(overlapAt10 * 100 + 1e-9) / 100).toFixed(2)}, ${count(totalsDiffer, 'other total')}`;
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
    ['re-ingested', `${count(read, 'document')}, ${number(onlyTruth)} of them were not there before`],
  ];
  if (notCompared > 0)
    facts.push([
      '',
      `${count(notCompared, 'document')} not compared: the source of truth says what they are`,
    ]);
  if (onlySource > 0) {
    const more = onlySource > onlySourceFirst.length ? ', ...' : '';
    const what = prune ? 'left out' : 'kept';
    facts.push([
      '',
      `${number(onlySource)} that it does not have, ${what}: ${onlySourceFirst.join(', ')}${more}`,
    ]);
  }
  return facts;
}
