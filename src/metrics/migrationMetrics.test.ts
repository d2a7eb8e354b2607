import { describe, expect, it } from 'vitest';
import { migrationsIn, runningMigration, snapshotOf } from '../../tests/allMetrics.js';
import type { JournalSnapshot } from './journalReader.js';

/** The samples, without those of value 0. */
async function shown(snapshot: JournalSnapshot): Promise<string[]> {
  const text = await migrationsIn(snapshot).metrics();
  return text.split('\n').filter((line) => line !== '' && !line.startsWith('#') && !line.endsWith(' 0'));
}

const ofBooks = { name: 'books' };

describe('the metrics of a migration', () => {
  it('say where it is, and where readers and writers are', async () => {
    const lines = await shown(
      snapshotOf(runningMigration({ ...ofBooks, readers: 'target', goal: 'switched' })),
    );
    expect(lines).toEqual(
      expect.arrayContaining([
        'twindex_migrations{phase="cutover"} 1',
        'twindex_migration_phase{name="books",phase="cutover"} 1',
        'twindex_migration_state{name="books",state="mirroring"} 1',
        'twindex_migration_readers_on_target{name="books"} 1',
        'twindex_migration_info{name="books",source="catalogue-v1",target="catalogue-v2",route="client",layout="two-aliases",goal="switched"} 1',
      ]),
    );
    expect(lines.join()).not.toContain('writers_on_target');
  });

  it('show progress, rate and remaining time of the present task, and the limit of the copy', async () => {
    const progress = { task: 'copy', done: 250, confirmed: 0, total: 1_000, rate: 50, etaMs: 15_000 };
    const copyLimit = { docsPerSecond: 80, cause: 'slowdown' } as const;
    const lines = await shown(
      snapshotOf(runningMigration({ ...ofBooks, state: 'copying', progress, copyLimit })),
    );
    expect(lines).toEqual(
      expect.arrayContaining([
        'twindex_migration_progress_ratio{name="books",task="copy"} 0.25',
        'twindex_migration_progress_documents{name="books",task="copy"} 250',
        'twindex_migration_expected_documents{name="books",task="copy"} 1000',
        'twindex_migration_documents_per_second{name="books",task="copy"} 50',
        'twindex_migration_eta_seconds{name="books",task="copy"} 15',
        'twindex_migration_copy_limit_documents_per_second{name="books"} 80',
        'twindex_migration_copy_limited{name="books",cause="slowdown"} 1',
      ]),
    );
  });

  it('have no rate that is out of date, and no documents where searches are counted', async () => {
    const progress = { task: 'searches', done: 2, confirmed: 0, total: 4, rate: 50, etaMs: 15_000 };
    const coordinator = { isUp: false, silentMs: 40_000 };
    const lines = await shown(snapshotOf(runningMigration({ ...ofBooks, progress }, { coordinator })));
    expect(lines).toContain('twindex_migration_progress_ratio{name="books",task="searches"} 0.5');
    expect(lines).toContain('twindex_migration_coordinator_silence_seconds{name="books"} 40');
    expect(lines.join()).not.toMatch(/eta_seconds|_documents\{name="books",task|per_second/);
  });

  it.each([
    ['halted', { halted: { for: 'aliases', text: '' } }, {}],
    ['stopped', { stoppedBy: 'a hook failed', stoppedFor: 'hook' }, {}],
    ['unattended', { goal: 'cutover' }, { coordinator: { isUp: false, silentMs: 20_000 } }],
    ['rejected', { rejected: 2 }, {}],
  ] as const)('say that it needs a person: %s', async (reason, change, seen) => {
    const lines = await shown(snapshotOf(runningMigration({ ...ofBooks, ...change }, seen)));
    const found = lines.filter((line) => line.startsWith('twindex_migration_needs_attention'));
    expect(found).toEqual([`twindex_migration_needs_attention{name="books",reason="${reason}"} 1`]);
  });

  it('count what was held, verified and rejected', async () => {
    const { record } = runningMigration();
    const evidence = { ...record.evidence, compared: 30, differences: 2, repaired: 1, copied: 40 };
    const held = { ...evidence, writePauseMs: [400, 600], holdsGivenUp: 3 };
    const lines = await shown(snapshotOf(runningMigration({ ...ofBooks, evidence: held }, { rejected: 7 })));
    expect(lines).toEqual(
      expect.arrayContaining([
        'twindex_migration_holds_total{name="books",outcome="switched"} 2',
        'twindex_migration_holds_total{name="books",outcome="given_up"} 3',
        'twindex_migration_write_pause_seconds_total{name="books"} 1',
        'twindex_migration_last_write_pause_seconds{name="books"} 0.6',
        'twindex_migration_compared_documents_total{name="books"} 30',
        'twindex_migration_different_documents_total{name="books"} 2',
        'twindex_migration_repaired_documents_total{name="books"} 1',
        'twindex_migration_copied_documents_total{name="books"} 40',
        'twindex_migration_rejected_documents{name="books"} 7',
      ]),
    );
  });

  it('count leases', async () => {
    const writers = [
      { type: 'gateway', hasLease: true, isAway: false },
      { type: 'gateway', hasLease: true, isAway: true },
      { type: 'client', hasLease: false, isAway: false },
    ] as const;
    const lines = await shown(snapshotOf(runningMigration(ofBooks, { writers, workers: 3 })));
    expect(lines).toEqual(
      expect.arrayContaining([
        'twindex_migration_writers{name="books",type="gateway",lease="valid"} 2',
        'twindex_migration_writers{name="books",type="client",lease="expired"} 1',
        'twindex_migration_writers_away{name="books"} 1',
        'twindex_migration_workers{name="books"} 3',
      ]),
    );
  });
});

it('of a migration that is over, only its last phase and state are shown', async () => {
  const { record, phase } = runningMigration({
    ...ofBooks,
    state: 'finalized',
    readers: 'target',
    leader: 'target',
  });
  const over = { ...snapshotOf(), migrations: [{ name: 'books', state: record.state, phase }] };
  const lines = await shown(over);
  expect(lines.filter((line) => line.includes('books'))).toEqual([
    'twindex_migration_phase{name="books",phase="finalized"} 1',
    'twindex_migration_state{name="books",state="finalized"} 1',
  ]);
});

it('without the journal nothing is said of migrations', async () => {
  const text = await migrationsIn({
    isReadable: false,
    readMs: 3_000,
    migrations: [],
    running: [],
  }).metrics();
  const samples = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  expect(samples).toEqual(['twindex_journal_up 0', 'twindex_journal_read_duration_seconds 3']);
});
