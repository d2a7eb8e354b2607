// Shows what speaks for and against the new index: compared documents, and the application's searches.
import { useState } from 'preact/hooks';
import type { Detail, Evidence, HitView, SearchesView, SearchView } from '../../src/dashboard/pageTypes.js';
import { Card, Fact } from './card.js';
import { post, token } from './connection.js';
import { count, duration, number } from './format.js';

export function EvidenceCard({ detail, canRead }: { readonly detail: Detail; readonly canRead: boolean }) {
  const { evidence } = detail;
  return (
    <Card title="Evidence">
      <dl>
        <Fact label="Copied">
          {number(evidence.copied)} ({number(evidence.documents)} were there at the beginning)
        </Fact>
        <Fact label="Compared">
          {count(evidence.compared, 'document')}: {count(evidence.differences, 'difference')},{' '}
          {number(evidence.repaired)} repaired
          {evidence.verified ? '' : ' (not complete yet)'}
        </Fact>
        {moreFacts(evidence).map(([label, text]) => (
          <Fact key={label} label={label}>
            {text}
          </Fact>
        ))}
        {evidence.secondCheck && (
          <Fact label="Second check">
            {count(evidence.secondCheck.sampled, 'document')} by realtime GET,{' '}
            {evidence.secondCheck.wrong.length === 0
              ? 'no difference'
              : count(evidence.secondCheck.wrong.length, 'finding')}
            ; numbers of documents: {evidence.secondCheck.counts}
          </Fact>
        )}
      </dl>
      <Lines title="First differences, field by field" lines={evidence.firstDifferences} />
      <Lines title="Findings of the second check" lines={evidence.secondCheck?.wrong ?? []} />
      <Lines title="Aliases that find nothing on the new index" lines={evidence.emptyAliases} />
      <Searches detail={detail} canRead={canRead} />
    </Card>
  );
}

function moreFacts({
  nonDeterministic,
  dropped,
  deletesReconciled,
  pastWriters,
  writePauseMs,
  acceptance,
}: Evidence): [string, string][] {
  const facts: [string, string | false][] = [
    [
      'Not comparable',
      nonDeterministic > 0 &&
        `${count(nonDeterministic, 'document')}: the transform returns another result each time`,
    ],
    ['Dropped', dropped > 0 && `${number(dropped)} by the transform`],
    ['Deletes', deletesReconciled > 0 && `${number(deletesReconciled)} reconciled`],
    ['Gateways', pastWriters > 0 && `at least ${count(pastWriters, 'document')} bypassed them`],
    ['Write pause', writePauseMs.length > 0 && writePauseMs.map(duration).join(', ')],
    [
      'Thresholds',
      acceptance.length > 0 &&
        acceptance
          .map(({ threshold, value, forced }) => `${threshold} ${value}${forced ? ' (overridden)' : ''}`)
          .join(', '),
    ],
  ];
  return facts.filter((fact): fact is [string, string] => fact[1] !== false);
}

function Lines({ title, lines }: { readonly title: string; readonly lines: readonly string[] }) {
  if (lines.length === 0) return null;
  return (
    <>
      <h3>{title}</h3>
      <ul class="lines">
        {lines.map((line) => (
          <li key={line}>{line}</li>
        ))}
      </ul>
    </>
  );
}

function Searches({ detail, canRead }: { readonly detail: Detail; readonly canRead: boolean }) {
  const { searches } = detail.evidence;
  const [compared, setCompared] = useState<SearchesView>();
  const [problem, setProblem] = useState('');
  const [isBusy, setBusy] = useState(false);
  const compare = async (): Promise<void> => {
    setBusy(true);
    setProblem('');
    try {
      setCompared(await post<SearchesView>(`/api/searches/${encodeURIComponent(detail.row.name)}`, {}));
    } catch (error) {
      setProblem(error instanceof Error ? error.message : String(error));
    } finally {
      setBusy(false);
    }
  };
  return (
    <>
      <h3>Searches of the application</h3>
      {searches ? (
        <p>
          {count(searches.requests, 'search')} on both indexes: {number(searches.errors)} fail on the new one,
          overlap@10 {searches.overlapAt10.toFixed(2)}, {number(searches.totalsDiffer)} with other totals, p95{' '}
          {duration(searches.msBefore.p95)} before and {duration(searches.msAfter.p95)} after.
        </p>
      ) : (
        <p class="quiet">The last verification has compared no searches.</p>
      )}
      <Lines title="Searches that differ most" lines={searches?.worst ?? []} />
      {canRead && detail.row.group !== 'over' && (
        <button type="button" disabled={isBusy || token.get() === ''} onClick={() => void compare()}>
          {isBusy
            ? 'Comparing …'
            : `Compare the top ten hits now${token.get() === '' ? ' (needs the token)' : ''}`}
        </button>
      )}
      {problem !== '' && (
        <p class="bad" role="alert">
          {problem}
        </p>
      )}
      {compared?.results.map((result) => (
        <SearchTable key={result.title} result={result} detail={detail} />
      ))}
    </>
  );
}

function SearchTable({ result, detail }: { readonly result: SearchView; readonly detail: Detail }) {
  const { title, error, overlapAt10, totalBefore, totalAfter, before, after } = result;
  const rows = Array.from({ length: Math.max(before.length, after.length) });
  const inBoth = new Set(before.map(({ id }) => id).filter((id) => after.some((hit) => hit.id === id)));
  return (
    <details class="search">
      <summary>
        <code>{title}</code> <span class="quiet">overlap@10 {overlapAt10.toFixed(2)}</span>
        {error !== '' && <span class="attention"> {error}</span>}
      </summary>
      <table class="hits">
        <thead>
          <tr>
            <th scope="col">#</th>
            <th scope="col">
              {detail.source.index} ({totalBefore ?? 'no'} hits, {duration(result.msBefore)})
            </th>
            <th scope="col">
              {detail.target.index} ({totalAfter ?? 'no'} hits, {duration(result.msAfter)})
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.map((_, n) => (
            <tr key={n}>
              <td>{n + 1}</td>
              <HitCell hit={before[n]} inBoth={inBoth} />
              <HitCell hit={after[n]} inBoth={inBoth} />
            </tr>
          ))}
        </tbody>
      </table>
    </details>
  );
}

function HitCell({
  hit,
  inBoth,
}: {
  readonly hit: HitView | undefined;
  readonly inBoth: ReadonlySet<string>;
}) {
  if (!hit) return <td />;
  return (
    <td class={inBoth.has(hit.id) ? '' : 'only'}>
      {hit.id}
      {inBoth.has(hit.id) ? '' : ' (only here)'}
      {hit.score !== null && <span class="quiet"> {hit.score.toPrecision(4)}</span>}
    </td>
  );
}
