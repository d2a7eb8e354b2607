// Shows plans as Markdown, for a comment on a pull request.
import { cannotBeUndone, planSteps } from '../../plan/planSteps.js';
import type { Plan } from '../../plan/decidePlan.js';
import { codeBlock, diffBlock, escapeMarkdown } from './markdown.js';
import { alikeText, groupPlans, type PlanGroup, planSummary } from './planReport.js';
import { changesOf, facts, headline, keptFacts, nextStep } from './renderPlan.js';

interface MarkdownOptions {
  readonly explain: boolean;
  /** The lines about the sample of a plan; empty if no sample was taken. */
  readonly sample: (plan: Plan) => readonly string[];
}

export function planMarkdown(plans: readonly Plan[], options: MarkdownOptions): string {
  const sampled = plans.some((plan) => options.sample(plan).length > 0);
  const parts = groupPlans(plans, !sampled).map((group) => groupMarkdown(group, options));
  return [`### twindex plan: ${planSummary(plans)}`, ...parts].join('\n\n');
}

function groupMarkdown(group: PlanGroup, { explain, sample }: MarkdownOptions): string {
  const { plan } = group;
  const sampleLines = sample(plan);
  const others = alikeText(group);
  const title = `**${escapeMarkdown(plan.name)}**: ${escapeMarkdown(headline(plan))}`;
  const sections = [
    title,
    diffBlock(changesOf(plan, explain)),
    findingList(plan),
    stepTable(plan),
    sampleLines.length === 0 ? '' : codeBlock(sampleLines.join('\n')),
    list(cannotBeUndone(plan), 'Cannot be undone:'),
    details(plan),
    others && `${escapeMarkdown(others)}.`,
    nextStep(plan)
      .map((text) => `Next: ${escapeMarkdown(text)}`)
      .join('\n\n'),
  ];
  return sections.filter((section) => section).join('\n\n');
}

const ICON = { block: '🛑', warn: '⚠️', info: 'ℹ️' } as const;

function findingList({ findings }: Plan): string {
  return findings
    .map(({ level, message, check }) => `- ${ICON[level]} ${escapeMarkdown(message)} (\`${check}\`)`)
    .join('\n');
}

function stepTable(plan: Plan): string {
  const steps = planSteps(plan);
  if (steps.length === 0) return '';
  const rows = steps.map(
    ({ what, takes, noticed }, n) =>
      `| ${n + 1} | ${escapeMarkdown(what)} | ${escapeMarkdown(takes)} | ${escapeMarkdown(noticed)} |`,
  );
  return ['| | step | takes | noticed by |', '|---|---|---|---|', ...rows].join('\n');
}

function list(items: readonly string[], title: string): string {
  return items.length === 0 ? '' : [title, ...items.map((item) => `- ${escapeMarkdown(item)}`)].join('\n');
}

/** Less important facts, which GitHub hides until the reader unfolds them. */
function details(plan: Plan): string {
  const lines = [...keptFacts(plan), ...facts(plan)].map(
    ([label, text]) => `- ${label}: ${escapeMarkdown(text)}`,
  );
  return lines.length === 0
    ? ''
    : ['<details><summary>Details</summary>', '', ...lines, '', '</details>'].join('\n');
}
