// Formats the outcome of a run over several indexes: as text, as JSON, and as the exit code. Pure.
import { messageOf, partsOf } from '../../errors.js';
import type { MigrationRecord } from '../../protocol/record.js';
import type { Phase } from '../../protocol/states.js';
import { EXIT, type ExitCode, exitCodeOf } from '../exitCode.js';

/** `unchanged`: the live index already was as declared. `changed`: the index was created, or changed in place. */
export type FleetEntry = {
  readonly name: string;
} & (
  | { readonly type: 'unchanged' }
  | { readonly type: 'changed'; readonly index: string | undefined }
  | { readonly type: 'migrated'; readonly phase: Phase; readonly record: MigrationRecord }
  /** The migration stopped at a point where a person has to act. */
  | { readonly type: 'needsYou'; readonly message: string }
  | { readonly type: 'failed'; readonly error: unknown }
  | { readonly type: 'interrupted'; readonly begun: boolean }
);

type Of<T extends FleetEntry['type']> = Extract<FleetEntry, { readonly type: T }>;

/**
 * 0 if all is done, 130 if the run was interrupted, otherwise the exit code of the failures (1 if they have
 * different ones). An index that waits for a person counts as a failure with exit code 3.
 */
export function fleetExitCode(entries: readonly FleetEntry[]): ExitCode {
  if (some(entries, 'interrupted').length > 0) return EXIT.interrupted;
  const [first, ...others] = new Set([
    ...some(entries, 'failed').map(({ error }) => exitCodeOf(error)),
    ...some(entries, 'needsYou').map(() => EXIT.unsafe),
  ]);
  if (first === undefined) return EXIT.done;
  return others.length > 0 ? EXIT.failed : first;
}

export function summaryEvent(entries: readonly FleetEntry[]): object {
  const failed = some(entries, 'failed').map(({ name, error }) => ({
    name,
    ...partsOf(error),
  }));
  return {
    event: 'summary',
    done: namesOf(entries, 'changed', 'migrated'),
    unchanged: namesOf(entries, 'unchanged'),
    needsYou: some(entries, 'needsYou').map(({ name, message }) => ({ name, message })),
    failed,
    interrupted: namesOf(entries, 'interrupted'),
  };
}

const LABEL_WIDTH = 14;

export function summaryText(entries: readonly FleetEntry[]): string {
  const migrated = some(entries, 'migrated');
  const phases = [...new Set(migrated.map(({ phase }) => phase))];
  const lines: [label: string, text: string][] = [
    ...phases.map((phase): [string, string] => [
      phase,
      list(migrated.filter((each) => each.phase === phase).map(({ name }) => name)),
    ]),
    ['changed', list(namesOf(entries, 'changed'))],
    ['as declared', list(namesOf(entries, 'unchanged'))],
    ...some(entries, 'needsYou').map(({ name, message }): [string, string] => [
      'waits for you',
      `${name}: ${message}`,
    ]),
    ...some(entries, 'failed').map(({ name, error }): [string, string] => [
      'failed',
      `${name}: ${messageOf(error)}`,
    ]),
    ['interrupted', list(begun(entries, true))],
    ['not begun', list(begun(entries, false))],
  ];
  return [
    headline(entries),
    ...lines
      .filter(([, text]) => text !== '')
      .map(([label, text]) => `  ${label.padEnd(LABEL_WIDTH)}${text}`),
    ...keptInSync(migrated),
    ...(begun(entries, true).length + begun(entries, false).length > 0
      ? ['Interrupted. Run the same command again to continue.']
      : []),
  ].join('\n');
}

function headline(entries: readonly FleetEntry[]): string {
  const counts: [number, string][] = [
    [namesOf(entries, 'changed', 'migrated').length, 'done'],
    [namesOf(entries, 'unchanged').length, 'as declared already'],
    [namesOf(entries, 'needsYou').length, 'waiting for you'],
    [namesOf(entries, 'failed').length, 'failed'],
    [begun(entries, true).length, 'interrupted'],
    [begun(entries, false).length, 'not begun'],
  ];
  const shown = counts.filter(([count]) => count > 0).map(([count, what]) => `${count} ${what}`);
  const total = `${entries.length} ${entries.length === 1 ? 'index' : 'indexes'}`;
  return shown.length > 0 ? `${total}: ${shown.join(', ')}` : total;
}

/** Says which migrations are kept in sync after the end of this run, and how to continue the others. */
function keptInSync(migrated: readonly Of<'migrated'>[]): string[] {
  const open = migrated.filter(({ phase }) => phase !== 'finalized' && phase !== 'aborted');
  const mirrored = open.filter(({ record }) => record.writers.mode === 'mirror').map(({ name }) => name);
  const alone = open.filter(({ record }) => record.writers.mode !== 'mirror');
  const stale = alone.filter(({ record }) => record.readers !== record.leader).map(({ name }) => name);
  return [
    ...(mirrored.length > 0
      ? [
          `Gateways and client libraries write to both indexes of ${list(mirrored)}. This does not include writes that bypass them.`,
        ]
      : []),
    ...(alone.length > 0
      ? [
          `Not kept in sync from now on: ${list(alone.map(({ name }) => name))}. To copy the changes and keep one of them in sync: ` +
            '`twindex migrate NAME`. To continue all of them: the same command with a later phase in --until.',
        ]
      : []),
    ...(stale.length > 0
      ? [
          `WARNING: readers and writers of ${list(stale)} are on different indexes, so readers do not see new changes until the ` +
            'indexes are kept in sync again. `twindex rollback NAME` moves the readers back.',
        ]
      : []),
  ];
}

function some<T extends FleetEntry['type']>(entries: readonly FleetEntry[], type: T): Of<T>[] {
  return entries.filter((entry): entry is Of<T> => entry.type === type);
}

function namesOf(entries: readonly FleetEntry[], ...types: FleetEntry['type'][]): string[] {
  return entries.filter(({ type }) => types.includes(type)).map(({ name }) => name);
}

function begun(entries: readonly FleetEntry[], yes: boolean): string[] {
  return some(entries, 'interrupted')
    .filter((entry) => entry.begun === yes)
    .map(({ name }) => name);
}

const list = (names: readonly string[]): string => names.join(', ');
