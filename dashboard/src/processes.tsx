// Shows who works on a migration: the coordinator, the writers with their leases, and the workers.
import type { Detail, Writer } from '../../src/dashboard/pageTypes.js';
import { Card } from './card.js';
import { ago, duration, number } from './format.js';

const MODES: Readonly<Record<Detail['writersMode'], string>> = {
  none: 'Gateways pass writes through; twindex copies them afterwards.',
  prepare: 'Gateways are about to write to both indexes.',
  mirror: 'Gateways write to both indexes.',
};

export function Processes({ detail, now }: { readonly detail: Detail; readonly now: number }) {
  const { coordinator, writers, workers, writersMode, writersVersion, row } = detail;
  if (row.group === 'over') return null;
  return (
    <Card title="Who works on it">
      <h3>Coordinator</h3>
      {coordinator ? (
        <p class={coordinator.isAlive ? '' : 'attention'}>
          {coordinator.user}, process {coordinator.pid} on {coordinator.host}
          {coordinator.isAlive ? '' : ': no sign of life'}
        </p>
      ) : (
        <p class="attention">nobody</p>
      )}
      <h3>Writers</h3>
      {writers.length === 0 ? (
        <p class="quiet">No gateway or client library: applications write to the leader only.</p>
      ) : (
        <>
          <p class="quiet">
            {MODES[writersMode]} Writes without a version count as v{writersVersion}.
          </p>
          <ul class="plain">
            {writers.map((writer) => (
              <WriterItem key={`${writer.host}${writer.pid}`} writer={writer} now={now} />
            ))}
          </ul>
        </>
      )}
      {workers.length > 0 && (
        <>
          <h3>Workers</h3>
          <ul class="plain">
            {workers.map(({ host, pid, updatedAt }) => (
              <li key={`${host}${pid}`}>
                {pid} on {host}, last sign {ago(updatedAt, now)}
              </li>
            ))}
          </ul>
        </>
      )}
    </Card>
  );
}

function WriterItem({ writer, now }: { readonly writer: Writer; readonly now: number }) {
  const {
    type,
    host,
    pid,
    does,
    versions,
    mirrored,
    refused,
    unanswered,
    away,
    isSilent,
    updatedAt,
    leaseMs,
  } = writer;
  const speaks =
    versions.length === 0 ? '' : `, sends ${versions.map((version) => `v${version}`).join(' and ')}`;
  const bad = [
    refused > 0 ? `${number(refused)} refused` : '',
    unanswered > 0 ? `${number(unanswered)} not answered` : '',
  ]
    .filter((text) => text !== '')
    .join(', ');
  return (
    <li>
      <b>
        {type} {pid}
      </b>{' '}
      on {host}: {does}
      {speaks}
      {mirrored > 0 ? `, ${number(mirrored)} copies` : ''}
      {bad === '' ? '' : `, ${bad}`}
      {away !== '' && <span class="attention"> Sends no copies: {away}</span>}
      <span class={isSilent ? 'attention' : 'quiet'}>
        {' '}
        Last sign {ago(updatedAt, now)}, lease {duration(leaseMs)}
        {isSilent ? ': expired' : ''}
      </span>
    </li>
  );
}
