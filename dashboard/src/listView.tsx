// The list of all migrations: those that need a person come first.
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { Row } from '../../src/dashboard/pageTypes.js';
import { addressOf } from './address.js';
import { ago, duration, number } from './format.js';
import { memo } from './memo.js';
import { chosen, type Filter, type Known } from './state.js';

const FILTERS: readonly (readonly [Filter, string])[] = [
  ['current', 'Under way'],
  ['needsYou', 'Needs attention'],
  ['all', 'All'],
];

export function ListView({ known, now }: { readonly known: Known; readonly now: number }) {
  const [search, setSearch] = useState('');
  const [filter, setFilter] = useState<Filter>('current');
  const rows = useMemo(() => chosen(known.rows.values(), search, filter), [known.rows, search, filter]);
  return (
    <>
      <div class="bar">
        <h1>Migrations</h1>
        <SearchField search={search} onSearch={setSearch} />
        <Filters known={known} filter={filter} onFilter={setFilter} />
      </div>
      <p class="hidden" role="status">
        {known.isEmpty ? '' : `${rows.length} migrations shown`}
      </p>
      {rows.length === 0 ? (
        <Nothing known={known} isNarrowed={search !== ''} filter={filter} />
      ) : (
        <Table rows={rows} />
      )}
      {known.readAt !== null && rows.length > 0 && (
        <p class="foot">
          {number(rows.length)} of {number(known.rows.size)} shown, read {ago(known.readAt, now)}
        </p>
      )}
    </>
  );
}

interface SearchProps {
  readonly search: string;
  readonly onSearch: (search: string) => void;
}

function SearchField({ search, onSearch }: SearchProps) {
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => {
    const focus = (event: KeyboardEvent): void => {
      if (event.key !== '/' || event.target instanceof HTMLInputElement) return;
      event.preventDefault();
      input.current?.focus();
    };
    addEventListener('keydown', focus);
    return () => removeEventListener('keydown', focus);
  }, []);
  return (
    <input
      ref={input}
      type="search"
      aria-label="Search by name or phase"
      placeholder="Search ( / )"
      value={search}
      onInput={(event) => onSearch(event.currentTarget.value)}
    />
  );
}

interface FilterProps {
  readonly known: Known;
  readonly filter: Filter;
  readonly onFilter: (filter: Filter) => void;
}

function Filters({ known, filter, onFilter }: FilterProps) {
  const counts = useMemo(
    () => FILTERS.map(([one]) => chosen(known.rows.values(), '', one).length),
    [known.rows],
  );
  return (
    <div class="filters" role="group" aria-label="Which migrations">
      {FILTERS.map(([one, title], n) => (
        <button key={one} type="button" aria-pressed={filter === one} onClick={() => onFilter(one)}>
          {title} <span class="count">{counts[n]}</span>
        </button>
      ))}
    </div>
  );
}

function Nothing({
  known,
  isNarrowed,
  filter,
}: {
  readonly known: Known;
  readonly isNarrowed: boolean;
  readonly filter: Filter;
}) {
  if (known.isEmpty) return <p class="empty">Reading the journal …</p>;
  if (isNarrowed) return <p class="empty">No migration matches.</p>;
  if (filter === 'needsYou') return <p class="empty">Nothing needs attention.</p>;
  return (
    <p class="empty">
      No migration is under way. Begin one: <code>twindex migrate NAME</code>
    </p>
  );
}

function Table({ rows }: { readonly rows: readonly Row[] }) {
  return (
    <table class="list">
      <thead>
        <tr>
          <th scope="col">Name</th>
          <th scope="col">Phase</th>
          <th scope="col">Progress</th>
          <th scope="col">Readers on</th>
          <th scope="col">Writers on</th>
          <th scope="col">Next</th>
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <Line key={row.name} row={row} />
        ))}
      </tbody>
    </table>
  );
}

const Line = memo(({ row }: { readonly row: Row }) => {
  const { name, phase, group, attention, readers, writers, next } = row;
  return (
    <tr class={`row-${group}`}>
      <th scope="row">
        <a href={addressOf(name)}>{name}</a>
      </th>
      <td>
        <span class={`badge badge-${group}`}>{phase}</span>
      </td>
      <td class="does">
        {attention === '' ? <Progress row={row} /> : <span class="attention">{attention}</span>}
      </td>
      <td data-label="readers">{readers}</td>
      <td data-label="writers">{writers}</td>
      <td class="next">{next !== '' && <code>{next}</code>}</td>
    </tr>
  );
});

function Progress({ row: { percent, rate, etaMs } }: { readonly row: Row }) {
  if (percent === null) return null;
  return (
    <span class="progress-cell">
      <progress max="100" value={percent} aria-label="progress" />
      <span class="figures">
        {percent} %{rate === null ? '' : `, ${number(rate)}/s`}
        {etaMs === null ? '' : `, ${duration(etaMs)} left`}
      </span>
    </span>
  );
}
