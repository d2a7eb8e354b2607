// Shows the result of `twindex verify` as text.
import { WHERE_TO_LOOK } from '../../coordinator/verify/secondCheck.js';
import type { CheckResult } from '../../coordinator/verify/checkIndexes.js';
import type { VerifyFinding } from '../../coordinator/verify/findings.js';
import type { Level } from '../../coordinator/verify/pageComparison.js';
import { count, number } from '../../words.js';

interface Compared {
  readonly name: string;
  readonly level: Level;
  readonly leader: string;
  readonly follower: string;
}

const LABEL_WIDTH = 14;
const SHOWN_MISFITS = 10;

export function renderCheck(result: CheckResult, { name, level, leader, follower }: Compared): string[] {
  const { compared, different, missing, extra, tookMs, complete, nonDeterministicId, misfits } = result;
  const { second: again, mappings } = result;
  const wrong = different + missing + extra + again.wrong.length + mappings.length;
  const partly =
    result.behind > 0 || result.nonDeterministic > 0 || !complete
      ? ' in the documents that could be compared'
      : '';
  const unfit = misfits.length > 0 ? `, ${count(misfits.length, 'misfit')}` : '';
  const verdict = (wrong > 0 ? `${number(wrong)} differ` : `no difference${partly}`) + unfit;
  const facts: [string, string | undefined][] = [
    [
      'compared',
      `${number(compared)} documents of ${leader} with ${follower} by ${level}, and the ids of ${follower}`,
    ],
    ['equal', number(result.equal)],
    ['different', number(different)],
    ['missing', `${number(missing)} in ${follower}`],
    ['extra', `${number(extra)} in ${follower}`],
    ['moving', some(result.moving, 'written again each time they were read')],
    ['behind', some(result.behind, `that following has not reached yet. See: twindex status ${name}`)],
    ['rejected', some(result.rejected, `by ${follower} or the transform. See: twindex rejected ${name}`)],
    ['dropped', some(result.dropped, 'by the transform')],
    ['not compared', some(result.notCompared, 'from the source of truth')],
    ['not compared', some(result.nonDeterministic, 'as the transform returns another result each time')],
    [
      'second check',
      `${number(again.sampled)} documents by realtime GET: ${again.wrong.length === 0 ? 'no difference' : `${number(again.wrong.length)} found, shown below`}; document counts: ${again.counts}`,
    ],
    ['mappings', some(mappings.length, 'differ from the plan')],
    [
      'misfit',
      some(misfits.length, `do not have the shape of ${leader}: the gateway may not have translated them`),
    ],
    ['incomplete', complete ? undefined : 'too many documents were pending, so the rest was not read'],
    [
      'warning',
      nonDeterministicId === undefined
        ? undefined
        : `the transform returns another result for document ${nonDeterministicId} each time, so such documents can't be compared`,
    ],
  ];
  return [
    `${name}: ${verdict} (${(tookMs / 1_000).toFixed(1)} s)`,
    ...facts.flatMap(([label, text]) =>
      text === undefined ? [] : [`  ${label.padEnd(LABEL_WIDTH)}${text}`],
    ),
    ...result.first.map((finding) => `  ${''.padEnd(LABEL_WIDTH)}${findingText(finding)}`),
    ...mappings.map((line) => `  ${''.padEnd(LABEL_WIDTH)}${line}`),
    ...again.wrong.map((line) => `  ${''.padEnd(LABEL_WIDTH)}${line}`),
    ...(again.wrong.length > 0 ? [`  ${''.padEnd(LABEL_WIDTH)}${WHERE_TO_LOOK}.`] : []),
    ...misfits
      .slice(0, SHOWN_MISFITS)
      .map((misfit) => `  ${''.padEnd(LABEL_WIDTH)}${findingText({ ...misfit, kind: 'misfit' })}`),
    ...(different + missing + extra > result.first.length
      ? [`  ${''.padEnd(LABEL_WIDTH)}... all of them: twindex verify ${name} --out FILE`]
      : []),
  ];
}

function findingText({
  id,
  routing,
  kind,
  fields,
}: Omit<VerifyFinding, 'kind'> & { readonly kind: string }): string {
  const where = routing === null ? '' : ` (routing ${routing})`;
  return `${id}${where}: ${kind}${fields.length > 0 ? `, ${fields.join(', ')}` : ''}`;
}

const some = (documents: number, what: string): string | undefined =>
  documents === 0 ? undefined : `${number(documents)} ${what}`;
