// Formats the evidence for people.
import type { Evidence } from './evidence.js';

const number = (value: number) => value.toLocaleString('en');

export function evidenceText(evidence: Evidence): string {
  const { engine, reads, writes, verify, record, inSync, wayBack, pause, phases, held, answered, gateways } =
    evidence;
  const servedFrom = Object.entries(reads.byIndex).map(([index, count]) => `${number(count)} from ${index}`);
  const rows: [string, string][] = [
    ['engine', `${engine.name} ${engine.version}`],
    ...phases.map(({ name, ms, readers, writers }): [string, string] => [
      name,
      `${seconds(ms)}, then readers are on ${readers} and writers on ${writers}`,
    ]),
    ['reads served', `${number(reads.served)} (${servedFrom.join(', ')})`],
    ['reads failed', number(reads.failed)],
    ['reads empty', number(reads.empty)],
    ['writes acknowledged', `${number(writes.acknowledged)} (${kinds(writes.byKind)})`],
    ['writes failed', number(writes.failed)],
    ['writes lost', number(writes.lost)],
    ['writes resurrected', number(writes.resurrected)],
    ['writes retried', number(writes.retried)],
    ...(held && answered
      ? [
          row('write held', held, 'around the switch'),
          row('write answered', answered, 'over the whole run, through a gateway'),
        ]
      : [
          ['write pause', `${number(pause.maxMs)} ms at most, ${number(pause.p50Ms)} ms median`] as [
            string,
            string,
          ],
        ]),
    ...(gateways ? gatewayRows(evidence, gateways) : []),
    [
      'verified by twindex',
      `${number(verify.documents)} documents, ${counts(verify.differences, verify.repaired)}`,
    ],
    ['v2 kept in sync', keptInSync(inSync, 'v1')],
    ['v1 kept in sync', keptInSync(wayBack, 'v2')],
    ['v2 at the end', `${compared(record)} from the record of acknowledged writes`],
  ];
  const width = Math.max(...rows.map(([name]) => name.length));
  const lines = rows.map(([name, value]) => `  ${name.padEnd(width)}  ${value}`);
  return `\nThe evidence\n${lines.join('\n')}\n\n${verdictText(evidence)}`;
}

function verdictText({ problems, tooSlow, ok }: Evidence): string {
  if (ok) return 'All checks have passed.';
  const parts: [string, readonly string[]][] = [
    ['These checks have FAILED:', problems],
    ['Not checked, because twindex was too slow on this machine (this is not an error):', tooSlow],
  ];
  return parts
    .filter(([, lines]) => lines.length > 0)
    .map(([title, lines]) => `${title}\n${lines.map((line) => `  - ${line}`).join('\n')}`)
    .join('\n');
}

function keptInSync(index: Evidence['inSync'], writersOn: string): string {
  if (index.afterMs === null) return `not compared, while writers were on ${writersOn}`;
  return `${compared(index)} from the record, while writers were on ${writersOn}; in sync after ${seconds(index.afterMs)}`;
}

function gatewayRows(
  { writes }: Evidence,
  { kills, past, spoken }: NonNullable<Evidence['gateways']>,
): [string, string][] {
  return [
    [
      'gateways killed',
      `${number(kills)} (${number(writes.unanswered)} writes that the gateway had accepted were not answered)`,
    ],
    ['both releases at once', spoken.map((version) => `v${version}`).join(' and ')],
    ['gateways bypassed', `for about ${number(past)} documents, as twindex has noticed`],
  ];
}

function compared({ documents, differences }: Evidence['record']): string {
  return `${number(documents)} documents, ${number(differences)} differences`;
}

function counts(differences: number, repaired: number): string {
  return `${number(differences)} differences, ${number(repaired)} repaired`;
}

function kinds(byKind: Readonly<Record<string, number>>): string {
  return Object.entries(byKind)
    .map(([kind, count]) => `${number(count)} ${kind}`)
    .join(', ');
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}

function row(
  name: string,
  { maxMs, p99Ms, p50Ms }: NonNullable<Evidence['held']>,
  when: string,
): [string, string] {
  return [name, `${number(maxMs)} ms at most, ${number(p99Ms)} ms p99, ${number(p50Ms)} ms p50, ${when}`];
}
