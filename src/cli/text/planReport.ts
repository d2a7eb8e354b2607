// Shows several plans as one text. If many plans are alike, one is shown in full. The last line sums up all plans.
import { printJson } from '../../json/exactJson.js';
import { deletedIndexes } from '../../plan/planSteps.js';
import type { Plan } from '../../plan/decidePlan.js';
import { count, number } from '../../words.js';
import { hangingText, UNLIMITED } from './textLayout.js';

/** For example `1 to replace, 2 in place, 0 to create; 1 index will be deleted`. */
export function planSummary(plans: readonly Plan[]): string {
  const tally = (...kinds: Plan['kind'][]): number => plans.filter(({ kind }) => kinds.includes(kind)).length;
  const some = (amount: number, text: string): string[] => (amount > 0 ? [`${number(amount)} ${text}`] : []);
  const deleted = plans.reduce((sum, plan) => sum + deletedIndexes(plan), 0);
  return [
    [
      `${number(tally('new-version'))} to replace`,
      `${number(tally('in-place'))} in place`,
      `${number(tally('create'))} to create`,
      ...some(tally('close-and-open'), 'to close for a moment'),
      ...some(tally('running'), 'under way'),
      ...some(tally('blocked'), 'blocked'),
      ...some(tally('nothing'), 'unchanged'),
    ].join(', '),
    `${count(deleted, 'index').replace(/indexs$/, 'indexes')} will be deleted`,
  ].join('; ');
}

/** A plan that is shown in full, and further plans that differ from it only in their names. */
export interface PlanGroup {
  readonly plan: Plan;
  readonly alike: readonly Plan[];
}

/** If at most this many plans have the same changes, all are shown in full. Plans with nothing to do are not. */
const SHOWN_IN_FULL = 3;

/** Groups plans with the same changes and findings, such as those of a family. */
export function groupPlans(plans: readonly Plan[], grouped = true): PlanGroup[] {
  if (!grouped) return plans.map((plan) => ({ plan, alike: [] }));
  const groups = new Map<string, Plan[]>();
  for (const plan of plans) {
    const key = likeness(plan);
    groups.set(key, [...(groups.get(key) ?? []), plan]);
  }
  return [...groups.values()].flatMap((group) =>
    group.length > SHOWN_IN_FULL || group[0]?.kind === 'nothing'
      ? [{ plan: group[0] as Plan, alike: group.slice(1) }]
      : group.map((plan) => ({ plan, alike: [] })),
  );
}

function likeness(plan: Plan): string {
  const { kind, layout, changes, kept, findings, transform, route } = plan;
  if (kind === 'nothing' && findings.length === 0) return kind;
  const names = [plan.name, plan.source?.index, plan.target?.index].filter((one) => one !== undefined);
  const text = printJson({ kind, layout, changes, kept, findings, transform, route: route?.name });
  // The longest name first, because it may contain a shorter name.
  return names.sort((a, b) => b.length - a.length).reduce((rest, name) => rest.replaceAll(name, '*'), text);
}

const MAX_NAMES = 20;

/** One line that names the further plans of the group; undefined if there are none. */
export function alikeText({ plan, alike }: PlanGroup): string | undefined {
  if (alike.length === 0) return undefined;
  const names = alike.slice(0, MAX_NAMES).map(({ name, estimate }) => {
    const size = estimate ? ` (${count(estimate.documents, 'document')})` : '';
    return `${name}${size}`;
  });
  const more = alike.length > MAX_NAMES ? ` and ${number(alike.length - MAX_NAMES)} more` : '';
  const same = plan.kind === 'nothing' ? 'nothing to do either' : `the same as for ${plan.name}`;
  return `${same}: ${names.join(', ')}${more}`;
}

export interface ReportOptions {
  /** The text of a plan that is shown in full. */
  readonly show: (plan: Plan) => string;
  readonly width?: number | undefined;
  /** False: every plan is shown in full, even if several are alike. */
  readonly grouped: boolean;
}

export function renderPlans(
  plans: readonly Plan[],
  { show, width = UNLIMITED, grouped }: ReportOptions,
): string {
  const parts = groupPlans(plans, grouped).flatMap((group) => {
    const others = alikeText(group);
    const line = others && hangingText(others, { first: '    ', rest: '    ', width }).join('\n');
    return [show(group.plan), ...(line ? [line] : [])];
  });
  const summary = hangingText(`Plan: ${planSummary(plans)}.`, { first: '', rest: '      ', width });
  return [...parts, summary.join('\n')].join('\n\n');
}
