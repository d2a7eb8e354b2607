// Shows a plan as text: the changes field by field, the steps with their times, the consequences that cannot be undone,
// the findings, and the next command.
import { styleText } from 'node:util';
import type { Finding } from '../../plan/checks/check.js';
import { formatBytes } from '../../plan/checks/diskRoom.js';
import {
  basisText,
  cannotBeUndone,
  planSteps,
  type PlanStep,
  type StepOptions,
} from '../../plan/planSteps.js';
import type { JsonObject } from '../../json/jsonTypes.js';
import type { Plan } from '../../plan/decidePlan.js';
import { count, number } from '../../words.js';
import { addedLines, type ChangeLine, changeLines, valueText } from './changeLines.js';
import { hangingText, UNLIMITED } from './textLayout.js';
import { type Colour, renderChange, type Style } from './renderChange.js';

const LABEL_WIDTH = 12;

export interface RenderOptions {
  readonly colours: boolean;
  /** The width of the terminal. Default: lines are not wrapped. */
  readonly width?: number | undefined;
  /** Whether to show the command to run next. */
  readonly next: boolean;
  /** Whether to show the reasons in full, and the whole content of a new index. */
  readonly explain?: boolean | undefined;
  /** The options of `twindex migrate`, as far as they are known. */
  readonly steps?: StepOptions | undefined;
  /** The lines from `renderSample`. */
  readonly sample?: readonly string[];
}

interface PlanStyle extends Style {
  readonly steps: StepOptions;
}

export function renderPlan(plan: Plan, options: RenderOptions): string {
  const { colours, next, sample = [], width = UNLIMITED, explain = false, steps = {} } = options;
  const paint: Style['paint'] = (colour, text) =>
    colours ? styleText(colour, text, { validateStream: false }) : text;
  const style: PlanStyle = { paint, width, steps };
  const sections = [
    titleLines(plan, style),
    changesOf(plan, explain).flatMap((line) => renderChange(line, style)),
    [...keptFacts(plan), ...facts(plan)].flatMap((fact) => renderFact(fact, style)),
    stepsSection(plan, style),
    undoSection(plan, style),
    plan.findings.flatMap((finding) => renderFinding(finding, style)),
    sample,
    (next ? nextStep(plan) : []).flatMap((text) => renderFact(['next', text], style)),
  ];
  return sections
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n');
}

const KIND_MARKER: Readonly<Record<Plan['kind'], string>> = {
  create: '+',
  nothing: '',
  'in-place': '~',
  'close-and-open': '~',
  'new-version': '-/+',
  running: '-/+',
  blocked: '!',
};

const MARKER_COLOUR: Readonly<Record<string, Colour>> = {
  '+': 'green',
  '-': 'red',
  '~': 'yellow',
  '!': 'red',
};

function paintMarker(marker: string, paint: Style['paint']): string {
  return marker.replace(/[-+~!]/g, (part) => paint(MARKER_COLOUR[part] ?? 'bold', part));
}

function titleLines(plan: Plan, { paint, width }: Style): string[] {
  const marker = KIND_MARKER[plan.kind];
  const first = marker === '' ? '' : `${marker} `;
  const lines = hangingText(`${plan.name}: ${headline(plan)}`, { first, rest: '    ', width });
  const [head = '', ...rest] = lines;
  const named = head.slice(first.length).replace(plan.name, () => paint('bold', plan.name));
  return [`${paintMarker(first, paint)}${named}`, ...rest];
}

export function headline(plan: Plan): string {
  return HEADLINES[plan.kind](plan);
}

const HEADLINES: Readonly<Record<Plan['kind'], (plan: Plan) => string>> = {
  create: ({ target, content }) =>
    `no index is behind ${Object.keys(content?.aliases ?? {}).join(' and ')} yet; ${target?.index} is to be created`,
  nothing: ({ source }) => `nothing to do, ${source?.index} is as declared`,
  'in-place': ({ source }) => `${source?.index} can be changed in place`,
  'close-and-open': ({ source }) => `${source?.index} has to be closed for a moment`,
  'new-version': ({ source, target }) => `a new version is needed, ${source?.index} -> ${target?.index}`,
  running: ({ running }) =>
    `a migration is under way, ${running?.source.index} -> ${running?.target.index} (${running?.state}${running?.paused ? ', paused' : ''})`,
  blocked: ({ source, target }) =>
    `blocked${source && target ? `, ${source.index} -> ${target.index}` : source ? ` (${source.index})` : ''}`,
};

/** The changes, and the whole content of an index that does not exist yet; with `explain`, also of a new version. */
export function changesOf(plan: Plan, explain: boolean): ChangeLine[] {
  const lines = changeLines(plan.changes, explain);
  if (plan.kind !== 'create' && !explain) return lines;
  return [...lines, ...(plan.content ? addedLines(filledParts(plan.content)) : [])];
}

function filledParts({ settings, mappings, aliases = {} }: NonNullable<Plan['content']>): JsonObject {
  const parts: JsonObject = { settings, mappings, aliases: aliases as JsonObject };
  return Object.fromEntries(
    Object.entries(parts).filter(([, part]) => Object.keys(part as object).length > 0),
  );
}

type Fact = readonly [label: string, text: string];

function renderFact([label, text]: Fact, { width }: Pick<Style, 'width'>): string[] {
  return hangingText(text, {
    first: `  ${label.padEnd(LABEL_WIDTH)}`,
    rest: ' '.repeat(2 + LABEL_WIDTH),
    width,
  });
}

const SHOWN_KEPT = 20;

export function keptFacts({ kept }: Plan): Fact[] {
  if (!kept) return [];
  const fields = kept.fields.map(({ name, type }) => `${name} (${type})`);
  const settings = Object.entries(kept.settings).map(([name, value]) => `${name}: ${valueText(value)}`);
  return [...keptFact(fields, 'field'), ...keptFact(settings, 'setting')];
}

function keptFact(items: readonly string[], noun: string): Fact[] {
  if (items.length === 0) return [];
  const more =
    items.length > SHOWN_KEPT ? `, and ${number(items.length - SHOWN_KEPT)} more (all of them: --json)` : '';
  const verb = items.length === 1 ? 'stays as it is' : 'stay as they are';
  return [
    [
      'kept',
      `${count(items.length, `undeclared ${noun}`)} ${verb}: ${items.slice(0, SHOWN_KEPT).join(', ')}${more}`,
    ],
  ];
}

export function facts({ kind, estimate, route, source, transform }: Plan): Fact[] {
  if (kind !== 'new-version') return [];
  const cluster = source?.cluster;
  return [
    ...(route ? [['route', `${route.name}: ${route.reason}`] as const] : []),
    ...(cluster ? [['from', `another cluster: ${cluster.engine}, ${cluster.nodes.join(' ')}`] as const] : []),
    [
      'transform',
      transform ? 'documents are changed while they are copied' : 'none: documents stay as they are',
    ],
    ...(estimate ? [['disk', `the new index needs ${formatBytes(estimate.diskBytes)}`] as const] : []),
    ...(estimate?.time ? [['estimate', basisText(estimate.time)] as const] : []),
  ];
}

function stepsSection(plan: Plan, { paint, width, steps }: PlanStyle): string[] {
  const lines = planSteps(plan, steps).flatMap((step, n) =>
    hangingText(stepText(step), { first: `  ${String(n + 1).padStart(2)}. `, rest: '      ', width }),
  );
  return lines.length === 0 ? [] : [`  ${paint('bold', 'Steps')}`, ...lines];
}

function stepText({ what, takes, noticed }: PlanStep): string {
  return `${sentence(what)} ${sentence(takes)} Noticed by ${noticed}.`;
}

const sentence = (text: string): string => `${text.slice(0, 1).toUpperCase()}${text.slice(1)}.`;

function undoSection(plan: Plan, { paint, width, steps }: PlanStyle): string[] {
  const lines = cannotBeUndone(plan, steps).flatMap((text) =>
    hangingText(text, { first: '    - ', rest: '      ', width }),
  );
  return lines.length === 0 ? [] : [`  ${paint('bold', 'Cannot be undone')}`, ...lines];
}

const FINDING_COLOUR = { block: 'red', warn: 'yellow', info: 'dim' } as const;

function renderFinding({ check, level, message }: Finding, { paint, width }: Style): string[] {
  const [head = '', ...rest] = renderFact([level, `${message} (${check})`], { width });
  const label = `  ${level.padEnd(LABEL_WIDTH)}`;
  return [`${paint(FINDING_COLOUR[level], label)}${head.slice(label.length)}`, ...rest];
}

export function nextStep(plan: Plan): readonly string[] {
  return NEXT_STEPS[plan.kind](plan);
}

const migrate = ({ name }: Plan) => [`twindex migrate ${name}`];

const NEXT_STEPS: Readonly<Record<Plan['kind'], (plan: Plan) => readonly string[]>> = {
  create: migrate,
  'in-place': migrate,
  'new-version': migrate,
  'close-and-open': ({ name }) => [
    `twindex migrate ${name} --allow-outage: ${name} can be neither read nor written while it is closed`,
    'or raise `version` in the index file: a new index, without an outage',
  ],
  running: ({ name, running }) => [
    running?.paused
      ? `twindex resume ${name}`
      : `twindex migrate ${name} continues the migration; twindex status ${name} shows it`,
  ],
  blocked: () => ['remove what blocks the plan, then run twindex plan again'],
  nothing: () => [],
};
