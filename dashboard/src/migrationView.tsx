// The view of one migration: where readers and writers are, the progress, what was found, and the possible actions.
import type { About, Detail, Row } from '../../src/dashboard/pageTypes.js';
import { Actions } from './actions.js';
import { Card, Fact } from './card.js';
import { Diagram } from './diagram.js';
import { EvidenceCard } from './evidence.js';
import { ago, clock, count, duration, number } from './format.js';
import { HistoryCard, Timeline } from './history.js';
import { Plots } from './plots.js';
import { Processes } from './processes.js';
import { RejectedCard } from './rejected.js';
import type { Known } from './state.js';

interface Props {
  readonly name: string;
  readonly known: Known;
  readonly now: number;
  readonly about: About | undefined;
}

export function MigrationView({ name, known, now, about }: Props) {
  const { detail } = known;
  if (detail === undefined) return <p class="empty">Reading the journal …</p>;
  if (detail === null) return <Unknown name={name} row={known.rows.get(name)} />;
  const requests = [...known.requests.values()]
    .filter((request) => request.name === name)
    .slice(-3)
    .toReversed();
  return (
    <article>
      <Head detail={detail} now={now} />
      <Card title="Where readers and writers are" isWide>
        <Diagram detail={detail} />
        <Timeline steps={detail.timeline} now={now} />
      </Card>
      <div class="columns">
        <div class="main-column">
          <Card title="Progress">
            <ProgressLine detail={detail} now={now} />
            <Plots
              samples={known.samples}
              source={detail.source.index}
              target={detail.target.index}
              timesFrom={known.timesFrom}
            />
          </Card>
          <EvidenceCard detail={detail} canRead={about?.steering ?? false} />
          <RejectedCard detail={detail} canRead={about?.steering ?? false} now={now} />
          <HistoryCard detail={detail} now={now} />
        </div>
        <div class="side-column">
          <Actions detail={detail} requests={requests} about={about} now={now} />
          <Facts detail={detail} now={now} />
          <Processes detail={detail} now={now} />
        </div>
      </div>
    </article>
  );
}

function Unknown({ name, row }: { readonly name: string; readonly row: Row | undefined }) {
  return (
    <div class="card">
      <Crumbs />
      <h1>{name}</h1>
      <p>{row ? row.attention : 'No migration of this name is known to this cluster.'}</p>
    </div>
  );
}

const Crumbs = () => (
  <nav class="crumbs" aria-label="Breadcrumb">
    <a href="#/">Migrations</a>
  </nav>
);

function Head({ detail, now }: { readonly detail: Detail; readonly now: number }) {
  const { row, source, target, next, message, troubles, startedAt, pending, notDone } = detail;
  return (
    <header class="head">
      <Crumbs />
      <div class="head-line">
        <h1>{row.name}</h1>
        <span class={`badge badge-${row.group}`}>{row.phase}</span>
        {row.attention !== '' && <span class="attention">{row.attention}</span>}
      </div>
      <p class="quiet">
        {source.index} → {target.index}, begun {ago(startedAt, now)} ({clock(startedAt, now)})
      </p>
      {troubles.map((text) => (
        <p key={text} class="notice notice-bad">
          {text}
        </p>
      ))}
      {message !== '' && <p class="notice notice-warn">{message}</p>}
      {pending.map(({ command, by }) => (
        <p key={command} class="notice">
          <b>{command}</b> is under way. {by} has requested it.
        </p>
      ))}
      {notDone && (
        <p class="notice notice-warn">
          <b>{notDone.command}</b>, requested by {notDone.by}, was not carried out: {notDone.why}
        </p>
      )}
      {row.group === 'working' && <p class="next-line">Nothing to do: the migration continues by itself.</p>}
      {row.group !== 'working' && next && (
        <p class="next-line">
          Next: <code>{next.command}</code> <span class="quiet">({next.why})</span>
        </p>
      )}
    </header>
  );
}

const NOUNS: Readonly<Record<string, readonly [does: string, noun: string]>> = {
  copy: ['copied', 'documents'],
  verify: ['compared', 'documents'],
  searches: ['compared', 'searches'],
};

function ProgressLine({ detail, now }: { readonly detail: Detail; readonly now: number }) {
  const { progress, row } = detail;
  const [does, noun] = NOUNS[progress.task] ?? [];
  if (does === undefined) return <p class="quiet">Nothing is being copied or compared now.</p>;
  const { done, total } = progress;
  const ends =
    row.etaMs === null
      ? ''
      : `, ${duration(row.etaMs)} left (until ${clock(new Date(now + row.etaMs).toISOString(), now)})`;
  return (
    <>
      <progress class="large" max="100" value={row.percent ?? undefined} aria-label={`${noun} ${does}`} />
      <p class="figures">
        <b>{row.percent === null ? '' : `${row.percent} %`}</b> {number(done)}
        {total === null ? '' : ` of ${number(total)}`} {noun} {does}
        {row.rate === null ? '' : `, ${number(row.rate)}/s`}
        {ends}
      </p>
    </>
  );
}

function Facts({ detail, now }: { readonly detail: Detail; readonly now: number }) {
  const { row, goal, route, lag, keptUntil, updatedAt, layout, betweenClusters } = detail;
  return (
    <Card title="Facts">
      <dl>
        <Fact label="Goal">{goal}</Fact>
        <Fact label="Throttle">{throttleText(detail)}</Fact>
        <Fact label="Lag">
          {lag === null
            ? 'not measured yet'
            : `${count(lag.operations, 'operation')}, ${duration(lag.lagMs)}${lag.deletesPending ? ', deletes to be found' : ''}`}
        </Fact>
        <Fact label="Route">
          {route}
          {betweenClusters ? ', between clusters' : ''}
        </Fact>
        <Fact label="Aliases">{LAYOUTS[layout]}</Fact>
        {keptUntil !== null && <Fact label="Kept until">{clock(keptUntil, now)}</Fact>}
        <Fact label="Last sign">{row.group === 'over' ? clock(updatedAt, now) : ago(updatedAt, now)}</Fact>
      </dl>
    </Card>
  );
}

const LAYOUTS: Readonly<Record<Detail['layout'], string>> = {
  'two-aliases': 'one for reading, one for writing',
  'one-alias': 'one for both',
  'bare-index': 'none: the index itself',
};

function throttleText({ throttle: { auto, maxDocsPerSecond, paused, reason } }: Detail): string {
  if (reason !== '') return reason;
  if (paused) return 'copying is paused';
  const most = maxDocsPerSecond === null ? 'no limit' : `${number(maxDocsPerSecond)} documents/s at most`;
  return auto ? `${most}, slower when other requests become slow` : most;
}
