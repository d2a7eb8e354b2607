// Shows when the migration was in which state, and who did what and why.
import { useState } from 'preact/hooks';
import type {
  Detail,
  Entry,
  HistoryView,
  PastMigration,
  TimelineStep,
} from '../../src/dashboard/pageTypes.js';
import { Card } from './card.js';
import { get } from './connection.js';
import { clock, duration, number } from './format.js';

const NAMES: Readonly<Record<string, string>> = {
  creating: 'Create',
  copying: 'Copy',
  restoring: 'Restore replicas',
  mirroring: 'In sync',
  movingReaders: 'Move readers',
  holding: 'Hold writes',
  settling: 'Settle',
  finalizing: 'Finalize',
  aborting: 'Abort',
};

/** The timeline shows at most this many steps. Older steps are in the history. */
const MOST_STEPS = 12;

export function Timeline({ steps, now }: { readonly steps: readonly TimelineStep[]; readonly now: number }) {
  return (
    <ol class="timeline" aria-label="Steps with their times">
      {steps.slice(-MOST_STEPS).map(({ state, from, to }) => (
        <li
          key={`${state}${from}`}
          class={to === null ? 'step-now' : ''}
          aria-current={to === null ? 'step' : undefined}
        >
          <span class="step-name">{NAMES[state] ?? state}</span>
          <span class="quiet">
            <time dateTime={from}>{clock(from, now)}</time>,{' '}
            {duration((to === null ? now : Date.parse(to)) - Date.parse(from))}
          </span>
        </li>
      ))}
    </ol>
  );
}

const FEW = 8;

export function HistoryCard({ detail, now }: { readonly detail: Detail; readonly now: number }) {
  const [isWhole, setWhole] = useState(false);
  const { history } = detail;
  const shown = isWhole ? history : history.slice(0, FEW);
  return (
    <Card title="History">
      <ol class="history">
        {shown.map((entry, n) => (
          <HistoryEntry key={history.length - n} entry={entry} now={now} />
        ))}
      </ol>
      <AllMigrations name={detail.row.name} now={now} />
      {history.length > FEW && (
        <button type="button" aria-expanded={isWhole} onClick={() => setWhole(!isWhole)}>
          {isWhole ? 'Show the latest' : `Show all ${history.length}`}
        </button>
      )}
    </Card>
  );
}

function HistoryEntry({
  entry: { at, what, by, why, evidence },
  now,
}: {
  readonly entry: Entry;
  readonly now: number;
}) {
  return (
    <li>
      <time dateTime={at} title={at}>
        {clock(at, now)}
      </time>
      <div>
        <b>{what}</b> <span class="quiet">by {by}</span>
        {why !== '' && <div>{why}</div>}
        {evidence && (
          <div class="quiet">
            {number(evidence.compared)} compared, {number(evidence.differences)} different,{' '}
            {number(evidence.repaired)} repaired, {number(evidence.rejected)} rejected
          </div>
        )}
      </div>
    </li>
  );
}

/** All migrations of the name, also earlier ones. They are read when a person opens the list. */
function AllMigrations({ name, now }: { readonly name: string; readonly now: number }) {
  const [all, setAll] = useState<readonly PastMigration[]>();
  const [problem, setProblem] = useState('');
  const load = (event: Event): void => {
    if (!(event.currentTarget as HTMLDetailsElement).open) return;
    get<HistoryView>(`/api/history/${encodeURIComponent(name)}`).then(
      ({ migrations }) => setAll(migrations.toReversed()),
      (error: unknown) => setProblem(error instanceof Error ? error.message : String(error)),
    );
  };
  return (
    <details onToggle={load}>
      <summary>All migrations of {name}</summary>
      {problem !== '' && <p class="bad">{problem}</p>}
      <ul class="plain">
        {all?.map(({ id, from, to, phase, by, startedAt, endedAt }) => (
          <li key={id}>
            <b>
              {from} → {to}
            </b>
            : {phase}{' '}
            <span class="quiet">
              begun {clock(startedAt, now)} by {by}
              {endedAt === null ? '' : `, ended ${clock(endedAt, now)}`}
            </span>
          </li>
        ))}
      </ul>
    </details>
  );
}
