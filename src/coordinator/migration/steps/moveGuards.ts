// Lists the conditions of the moves that begin in the state `mirroring`, in the order in which they are checked.
// docs/states.md prints them. Pure.
import { type MigrationRecord, followerIndex } from '../../../protocol/record.js';
import { lastGivenUp } from '../../../protocol/holds.js';
import { isRollback, nextMove, phaseOf } from '../../../protocol/states.js';
import { brokenThresholds } from '../../../queries/thresholds.js';
import { count } from '../../../words.js';
import type { RoundResult } from '../../follow/round.js';
import type { WritersView } from '../context.js';
import type { ReconcilerResult } from '../duties/reconciler.js';
import { whereText } from '../steering/whereText.js';
import type { Decision, Refusal } from '../step.js';
import { whyRejected } from '../whyRejected.js';
import { noMoreHolds, whyLater } from './holding.js';

/** Maximum age of the last comparison of ids when a move begins, or three times its duration if longer. */
const FRESH_IDS_MS = 5_000;

export interface MirrorOutcome {
  readonly round: RoundResult;
  readonly reconciler: ReconcilerResult | undefined;
  /** How long the last round took. The follower may lack operations that were made in this time. */
  readonly lagMs: number;
  readonly comparisonMs: number;
  /** How long the first verification has taken so far; undefined if that is not known or it has ended. */
  readonly verifyMs?: number | undefined;
  readonly holdInMs: number;
  /** The time of day at which a hold may begin, for messages. */
  readonly holdAt: string;
  readonly unprepared?: string | undefined;
  /** The leader's aliases, if they differ from the record. */
  readonly aliases?: MigrationRecord['sourceAliases'] | undefined;
  /** Why the target does not accept the aliases with their filters. */
  readonly filtersFail?: string | undefined;
  /** Why the aliases can't be moved: somebody has removed one, or added one to a third index. */
  readonly unmovable?: string | undefined;
  readonly writers: WritersView;
  /** How many rejected documents only the source has; counted only if the source is to be deleted. */
  readonly leftBehind: number | undefined;
}

/**
 * What happens while a condition does not hold. `waits`: the move waits. `asks`: it waits for a person.
 * `mayAsk`: it waits for a person if `needsPerson`, otherwise it just waits. With any other value, such as
 * `aliases`, the command is withdrawn, since waiting would not help.
 */
type Otherwise = 'waits' | 'asks' | 'mayAsk' | Refusal['because'];
type Why = (record: MigrationRecord, outcome: MirrorOutcome) => string | false | undefined;

export interface Guard {
  readonly condition: string;
  readonly otherwise: Otherwise;
  /** @returns why the condition does not hold */
  readonly unmet: Why;
}

const guard = (otherwise: Otherwise, condition: string, unmet: Why): Guard => ({
  condition,
  otherwise,
  unmet,
});

const ALIASES_IN_PLACE = guard(
  'aliases',
  'Nobody has removed an alias of the migration, or added it to a third index.',
  (_, { unmovable }) => unmovable,
);
const FILTERS_FIT = guard(
  'aliases',
  'The target accepts the filters of the aliases.',
  (_, { filtersFail }) => filtersFail,
);
const SECOND_CHECK = guard(
  'secondCheck',
  'The [second check](protocol.md#the-second-check) has found nothing wrong.',
  whatIsWrong,
);
const TO_FOLLOWER = [SECOND_CHECK, ALIASES_IN_PLACE, FILTERS_FIT];
const PAUSED = guard('asks', 'The migration is not paused.', ({ paused }) => paused && 'paused');

/** A rollback is urgent, and the source was correct until the switch. So a rollback has fewer conditions. */
const IN_SYNC: readonly Guard[] = [
  guard(
    'mayAsk',
    'The aliases of the leader have not just changed.',
    (_, { aliases }) => aliases && 'aliases have changed',
  ),
  guard('mayAsk', PAUSED.condition, PAUSED.unmet),
  guard(
    'mayAsk',
    'All gateways and client libraries write to both indexes, and the follower accepts their copies.',
    (_, { writers }) => writers.blocker,
  ),
  guard('mayAsk', 'Following has caught up.', (_, { round, reconciler }) =>
    round.type === 'repeat' || !round.caughtUp || !reconciler ? 'catching up' : undefined,
  ),
  guard(
    'mayAsk',
    'The follower has rejected no documents, or `--drop-rejected` is set.',
    (record, { reconciler }) => isRejecting(record, reconciler) && whyRejected(record, reconciler.rejected),
  ),
  guard('mayAsk', 'All differences are repaired.', cantBeRepaired),
  guard(
    'mayAsk',
    'All documents are verified. (A rollback does not wait for this.)',
    (record) => !record.verified && !isRollback(record) && 'verifying',
  ),
  guard(
    'mayAsk',
    'The second check is over. (A rollback does not wait for this.)',
    (record, { reconciler }) =>
      reconciler?.second === 'running' &&
      !isRollback(record) &&
      'the second check is running: it reads a sample in another way',
  ),
  guard(
    'mayAsk',
    "The application's searches are compared.",
    (_, { reconciler }) => reconciler?.searchesPending && 'comparing the searches on both indexes',
  ),
  guard('mayAsk', 'The lag is not above `--max-lag`.', whyLagging),
  guard(
    'mayAsk',
    'The ids are compared. If deletes are pending that the writers have not copied, they were compared a moment ago.',
    whyComparingIds,
  ),
];

const GUARDS = {
  readersBack: [],
  readers: [
    ...TO_FOLLOWER,
    guard('acceptance', 'The thresholds in `acceptance` hold, or are overridden.', whyNotAccepted),
    ...IN_SYNC,
  ],
  writers: [
    ...TO_FOLLOWER,
    guard(
      'hold',
      'A hold can be prepared.',
      (_, { unprepared }) => unprepared !== undefined && `the writers are not switched: ${unprepared}`,
    ),
    guard(
      'hold',
      'Earlier holds have not failed too often, and none has failed for a lasting reason.',
      (record) => {
        const givenUp = lastGivenUp(record.holds);
        return givenUp && noMoreHolds(record, givenUp)?.message;
      },
    ),
    guard(
      'acceptance',
      'With a single alias: the thresholds in `acceptance` hold, or are overridden.',
      (record, outcome) => record.readers === record.leader && whyNotAccepted(record, outcome),
    ),
    ...IN_SYNC,
    guard(
      'waits',
      'The soak time of the readers is over. (A rollback does not wait for this.)',
      (record) => record.leader === 'source' && whySoaking(record),
    ),
    // The switch deletes a bare index. After that, nothing can translate documents any more.
    guard(
      'asks',
      "With a bare index: no writer sends documents in the source's shape any more.",
      (record, outcome) => record.layout === 'bare-index' && stillOldShaped(record, outcome),
    ),
    // Readers that a gateway still sends to the present leader would not see writes after the switch.
    guard(
      'waits',
      'Between clusters: every gateway sends the readers to the index to which they were moved.',
      (record, { writers }) =>
        writers.readElsewhere &&
        `not every gateway has confirmed that it sends the readers to ${record[record.readers].index}`,
    ),
    guard(
      'waits',
      'No request of an earlier coordinator can arrive any more (`--grace`), and the pause after the last hold is over.',
      whyHeldOff,
    ),
  ],
  finalize: [
    ALIASES_IN_PLACE,
    guard('waits', 'The soak time of readers and writers is over.', whySoaking),
    guard('waits', 'The rejected documents are counted.', (_, { leftBehind }) =>
      leftBehind === undefined ? 'counting the rejected documents' : undefined,
    ),
    guard('asks', 'No rejected document is on the source only.', whyLeftBehind),
    guard('asks', "No writer sends documents in the source's shape any more.", stillOldShaped),
  ],
  abort: [],
  stay: [
    guard(
      'secondCheck',
      'Until the end of the verification: the second check has found nothing wrong.',
      (record, outcome) => !record.verified && whatIsWrong(record, outcome),
    ),
    PAUSED,
    guard(
      'mayAsk',
      'Until the end of the verification: the conditions of a move of the readers hold.',
      (record, outcome) =>
        !record.verified && (IN_SYNC.map(({ unmet }) => unmet(record, outcome)).find(Boolean) || 'verifying'),
    ),
    guard(
      'asks',
      'No documents are rejected.',
      (record) => phaseOf(record) === 'incomplete' && whyRejected(record, record.rejected),
    ),
    guard('waits', FILTERS_FIT.condition, FILTERS_FIT.unmet),
  ],
} as const satisfies Readonly<Record<string, readonly Guard[]>>;

/** The sections of docs/states.md. */
export const MOVES: readonly { readonly title: string; readonly guards: readonly Guard[] }[] = [
  { title: 'Ready (verified, and waiting for a command)', guards: GUARDS.stay },
  { title: 'Readers to the follower (cut-over)', guards: GUARDS.readers },
  { title: 'Writers to the follower (switch or rollback)', guards: GUARDS.writers },
  { title: 'Finalize', guards: GUARDS.finalize },
];

/** The first condition that keeps the next move from beginning, if there is one. */
export function firstUnmet(
  record: MigrationRecord,
  outcome: MirrorOutcome,
): (Pick<Decision<'mirroring'>, 'needsYou' | 'refusal'> & { readonly message: string }) | undefined {
  const move = nextMove(record);
  const isBack = move.type === 'readers' && move.to === record.leader;
  for (const { otherwise, unmet } of GUARDS[isBack ? 'readersBack' : move.type]) {
    const why = unmet(record, outcome);
    if (!why) continue;
    const message = isRollback(record) ? `the rollback waits, and ${whereText(record)}: ${why}` : why;
    if (otherwise === 'waits') return { message };
    if (otherwise === 'asks') return { message, needsYou: true };
    if (otherwise === 'mayAsk') return { message, needsYou: needsPerson(record, outcome) };
    // A lasting difference is reported once. Its text may change, since each check takes another sample.
    const isReported =
      otherwise === 'secondCheck' && record.stoppedBy !== '' && record.stoppedFor === otherwise;
    return isReported ? { message } : { message, refusal: { because: otherwise, message: why } };
  }
  return undefined;
}

function needsPerson(record: MigrationRecord, { reconciler }: MirrorOutcome): boolean {
  if (record.paused || !reconciler) return record.paused;
  // Except in a rollback, all other documents are verified first.
  const isComplete = record.verified || isRollback(record);
  return (isComplete && isRejecting(record, reconciler)) || reconciler.unrepaired > 0;
}

const isRejecting = (
  { options }: MigrationRecord,
  reconciler: ReconcilerResult | undefined,
): reconciler is ReconcilerResult =>
  reconciler !== undefined && reconciler.rejected > 0 && !options.dropRejected;

function whyComparingIds(
  _: MigrationRecord,
  { reconciler, writers, comparisonMs }: MirrorOutcome,
): string | undefined {
  if (!reconciler) return undefined;
  const { idsComparedMsAgo, deletesPending } = reconciler;
  // Deletes that the writers copy need not be searched for. The count proof notices all other deletes.
  const isOld =
    idsComparedMsAgo === undefined ||
    (!writers.mirrored && deletesPending && idsComparedMsAgo > Math.max(FRESH_IDS_MS, 3 * comparisonMs));
  return isOld ? 'comparing ids' : undefined;
}

function whatIsWrong(
  { name, secondCheck }: MigrationRecord,
  { reconciler }: MirrorOutcome,
): string | undefined {
  if (reconciler?.second !== 'failed' || !secondCheck || secondCheck.wrong.length === 0) return undefined;
  const [first, ...more] = secondCheck.wrong;
  const others = more.length > 0 ? ` (and ${more.length} more: twindex status ${name})` : '';
  return `the second check has found a difference: ${first}${others}. ${secondCheck.advice}`;
}

function whyHeldOff(record: MigrationRecord, { holdInMs, holdAt }: MirrorOutcome): string | undefined {
  if (holdInMs <= 0) return undefined;
  const givenUp = lastGivenUp(record.holds);
  if (givenUp) return whyLater(record, givenUp);
  return (
    `the writers are switched after ${holdAt}: until then an unanswered request of this coordinator, or a request of an earlier ` +
    'one, could still arrive (--grace)'
  );
}

function whyLagging({ name, options }: MigrationRecord, { lagMs }: MirrorOutcome): string | undefined {
  if (lagMs <= options.maxLagMs) return undefined;
  const enough = Math.ceil((1.5 * lagMs) / 1_000);
  return (
    `the lag of ${Math.round(lagMs)} ms is above ${options.maxLagMs} ms (--max-lag). The move waits until the lag is small ` +
    `enough. To allow a larger one: stop the coordinator, and run twindex migrate ${name} --max-lag ${enough}s`
  );
}

function whySoaking({ name, leader, soakLeftMs, options }: MigrationRecord): string | undefined {
  if (soakLeftMs <= 0) return undefined;
  const [who, command] = leader === 'source' ? ['readers', 'switch'] : ['readers and writers', 'finalize'];
  const seconds = options.soakMs / 1_000;
  return `${who} have to be on the new index for ${seconds} s first (--soak). To continue now: twindex ${command} ${name}`;
}

function whyNotAccepted(record: MigrationRecord, { reconciler }: MirrorOutcome): string | undefined {
  if (reconciler?.searchesPending !== false) return undefined;
  if (record.leader === 'target' || !record.verified) return undefined;
  const broken = brokenThresholds(record);
  if (broken.length === 0) return undefined;
  const { name, layout, source, target } = record;
  const command = layout === 'two-aliases' ? 'cutover' : 'switch';
  const forced = broken.map(({ threshold }) => threshold).join(' ');
  return [
    `the readers of ${name} stay on ${source.index}, as ${target.index} is not accepted:`,
    ...broken.map(({ text }) => `  ${text}`),
    `To see the searches: twindex queries ${name}. To continue anyway: twindex ${command} ${name} --force ${forced}`,
  ].join('\n');
}

function whyLeftBehind(
  { name, source, target }: MigrationRecord,
  { leftBehind }: MirrorOutcome,
): string | undefined {
  if (!leftBehind) return undefined;
  return (
    `${source.index} is not deleted yet: ${target.index} has rejected documents that only ${source.index} has ` +
    `(${leftBehind}): see twindex rejected ${name}. To finalize without them: twindex rejected ${name} drop --all`
  );
}

function stillOldShaped(
  { source, name, target, hasTransform }: MigrationRecord,
  { writers: { oldShaped } }: MirrorOutcome,
): string | undefined {
  if (!hasTransform || oldShaped.length === 0) return undefined;
  return (
    `documents of version ${source.version} are still written (through ${oldShaped.join(', ')}). When no old release of the application runs any more: ` +
    `twindex writers ${name} --version ${target.version}`
  );
}

function cantBeRepaired(record: MigrationRecord, { reconciler }: MirrorOutcome): string | undefined {
  if (!reconciler || reconciler.unrepaired === 0) return undefined;
  return (
    `${count(reconciler.unrepaired, 'document')} of ${followerIndex(record)} can't be repaired, as somebody has written them with versions ` +
    `above those of twindex: see twindex status ${record.name}`
  );
}
