// Lists the steps of a plan in order: the work of each step, how long it takes, and who notices it. Pure.
import { formatDuration } from '../duration.js';
import { count, number } from '../words.js';
import { formatBytes } from './checks/diskRoom.js';
import type { Estimate, Plan, TimeEstimate } from './decidePlan.js';

export interface PlanStep {
  readonly name:
    | 'create'
    | 'change'
    | 'close-and-open'
    | 'copy'
    | 'verify'
    | 'move-readers'
    | 'move-writers'
    | 'keep-in-sync'
    | 'delete';
  readonly what: string;
  /** For example `about 4m`, `no estimate`. */
  readonly takes: string;
  /** The estimated duration; undefined if there is none. */
  readonly estimatedMs?: number;
  /** `nobody`, or a text about who notices the step, and how. */
  readonly noticed: string;
}

/** The options of `twindex migrate` on which the steps depend. */
export interface StepOptions {
  readonly maxWritePauseMs?: number | undefined;
  readonly maxSlowdown?: number | undefined;
  /** True if the copy is not slowed down for other clients. */
  readonly unthrottled?: boolean | undefined;
  readonly maxDocsPerSecond?: number | undefined;
  readonly keepMs?: number | undefined;
}

const NOBODY = 'nobody';
const AT_ONCE = 'less than 1s';
const SHORT = 'a few seconds';

/** @returns an empty list if there is nothing to do, or if the plan cannot be carried out */
export function planSteps(plan: Plan, options: StepOptions = {}): PlanStep[] {
  switch (plan.kind) {
    case 'create':
      return [
        {
          name: 'create',
          what: `create ${plan.target?.index} with its aliases`,
          takes: SHORT,
          noticed: NOBODY,
        },
      ];
    case 'in-place':
      return [
        {
          name: 'change',
          what: `update the mapping and the settings of ${plan.source?.index}`,
          takes: AT_ONCE,
          noticed: NOBODY,
        },
      ];
    case 'close-and-open':
      return [
        {
          name: 'close-and-open',
          what: `close ${plan.source?.index}, change it, and open it again`,
          takes: SHORT,
          noticed: 'everybody: meanwhile it can be neither read nor written',
        },
      ];
    case 'new-version':
      return replacementSteps(plan, options);
    default:
      return [];
  }
}

function replacementSteps(plan: Plan, options: StepOptions): PlanStep[] {
  const old = plan.source?.index;
  const target = plan.target?.index;
  return [
    {
      name: 'create',
      what: `create ${target}, which is still empty`,
      takes: SHORT,
      noticed: NOBODY,
    },
    copyStep(plan, options),
    {
      name: 'verify',
      what: `compare every document of ${old} and ${target}, which stay in sync from here on`,
      ...duration(plan.estimate?.time?.verifyMs),
      noticed: NOBODY,
    },
    ...moves(plan, options),
    ...ends(plan, options),
  ];
}

function copyStep({ estimate, route, source, target }: Plan, options: StepOptions): PlanStep {
  const size = estimate ? `${count(estimate.documents, 'document')} (${formatBytes(estimate.bytes)})` : '';
  const what =
    route?.name === 'reingest'
      ? `fill ${target?.index} from the source of truth`
      : `copy ${size || 'the documents'} from ${source?.index}`;
  const factor = options.maxSlowdown ?? 1.3;
  return {
    name: 'copy',
    what,
    ...duration(estimate && copyMs(estimate, options)),
    noticed: options.unthrottled
      ? 'other clients: their requests may become slow (--no-throttle)'
      : `other clients: their requests may take up to ${factor} times as long (--max-slowdown)`,
  };
}

/** The estimated duration of the copy, taking `--max-docs` into account; undefined without an estimate. */
function copyMs({ documents, time }: Estimate, { maxDocsPerSecond }: StepOptions): number | undefined {
  const least = maxDocsPerSecond === undefined ? 0 : (documents * 1_000) / maxDocsPerSecond;
  return time && Math.max(time.copyMs, least);
}

/**
 * A step of less than half of this time is shown as `less than 5s`, since an estimate may be wrong by a
 * factor of two.
 */
const SMALL_MS = 5_000;

function duration(ms: number | undefined): Pick<PlanStep, 'takes' | 'estimatedMs'> {
  if (ms === undefined) return { takes: 'no estimate' };
  const takes =
    ms < SMALL_MS / 2 ? `less than ${formatDuration(SMALL_MS)}` : `about ${formatDuration(rounded(ms))}`;
  return { takes, estimatedMs: Math.round(ms) };
}

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/** Rounds to the precision of an estimate: 25s, 3m 30s, 42m, 2h 10m. */
function rounded(ms: number): number {
  const precision =
    ms < MINUTE
      ? 5 * SECOND
      : ms < 10 * MINUTE
        ? 30 * SECOND
        : ms < HOUR
          ? MINUTE
          : ms < 10 * HOUR
            ? 10 * MINUTE
            : HOUR;
  return Math.round(ms / precision) * precision;
}

function moves(plan: Plan, { maxWritePauseMs = 2_000 }: StepOptions): PlanStep[] {
  const { layout, source, target, transform, name } = plan;
  const pause = formatDuration(maxWritePauseMs);
  const readers = 'readers: they see the new shape of the documents from here on';
  const writers = `writers: a write waits in a gateway, or is refused without one`;
  if (layout !== 'two-aliases') {
    const what =
      layout === 'bare-index'
        ? `delete ${source?.index} and put an alias of ${target?.index} in its place`
        : `move readers and writers to ${target?.index} (twindex switch ${name})`;
    return [
      {
        name: 'move-writers',
        what,
        takes: `up to ${pause}`,
        noticed: transform ? `${writers}; ${readers}` : writers,
      },
    ];
  }
  return [
    {
      name: 'move-readers',
      what: `move the readers to ${target?.index} in one call (twindex cutover ${name})`,
      takes: AT_ONCE,
      noticed: transform ? readers : NOBODY,
    },
    {
      name: 'move-writers',
      what: `move the writers to ${target?.index} (twindex switch ${name})`,
      takes: `up to ${pause}`,
      noticed: writers,
    },
  ];
}

function ends({ layout, source, name }: Plan, { keepMs }: StepOptions): PlanStep[] {
  if (layout === 'bare-index') return [];
  const kept = keepMs === undefined ? undefined : formatDuration(keepMs);
  return [
    {
      name: 'keep-in-sync',
      what: `keep ${source?.index} in sync, for a rollback (twindex rollback ${name})`,
      takes: 'until you finalize',
      noticed: NOBODY,
    },
    {
      name: 'delete',
      what:
        kept === undefined
          ? `delete ${source?.index}, when you ask for it (twindex finalize ${name})`
          : `close ${source?.index}, when you ask for it (twindex finalize ${name}); you delete it after ${kept}`,
      takes: AT_ONCE,
      noticed: NOBODY,
    },
  ];
}

/** The losses that no later command can undo, one sentence for each. */
export function cannotBeUndone(plan: Plan, options: StepOptions = {}): string[] {
  const { kind, layout, source, lossyWayBack, changes } = plan;
  if (kind === 'in-place' || kind === 'close-and-open') {
    const adds = changes.some(
      ({ path, before }) => path.startsWith('mappings.properties.') && before === undefined,
    );
    return adds
      ? ['An added field stays until there is a new version, since the engines never remove fields.']
      : [];
  }
  if (kind !== 'new-version') return [];
  const at = (name: PlanStep['name']): number =>
    planSteps(plan, options).findIndex((step) => step.name === name) + 1;
  if (layout === 'bare-index')
    return [`Step ${at('move-writers')} deletes ${source?.index}. There is no rollback after this step.`];
  const last = options.keepMs === undefined ? 'deletes' : 'closes';
  return [
    ...(lossyWayBack
      ? [
          `After step ${at('move-writers')} a rollback may lose data (see way-back). Before it, a rollback loses nothing.`,
        ]
      : []),
    `Step ${at('delete')} ${last} ${source?.index}. After it, no rollback is possible.${lossyWayBack ? '' : ' Before it, a rollback loses nothing.'}`,
  ];
}

/** The number of indexes that are deleted if the plan is carried out to its end. */
export const deletedIndexes = ({ kind, source }: Plan): number => (kind === 'new-version' && source ? 1 : 0);

/** Says which earlier migration an estimate comes from. */
export function basisText({ of, docsPerSecond }: TimeEstimate): string {
  return `the migration of ${of} copied ${number(docsPerSecond)} documents/s`;
}
