// A plan as text: the changes field by field, the costs, the blockers, and the next command.
import { styleText } from 'node:util';
import type { Finding } from '../../plan/checks/check.js';
import { formatBytes } from '../../plan/checks/diskRoom.js';
import { formatDuration } from '../../duration.js';
import { printJson } from '../../json/exactJson.js';
import { yamlText } from '../../schema/render.js';
import type { Change } from '../../schema/types.js';
import type { Json, JsonObject } from '../../json/jsonTypes.js';
import type { Content, Estimate, OtherCluster, Plan } from '../../plan/decidePlan.js';
import { count, number } from '../../words.js';

type Colour = 'red' | 'green' | 'yellow' | 'bold' | 'dim';
type Paint = (colour: Colour, text: string) => string;

const LABEL_WIDTH = 12;

export interface RenderOptions {
  readonly colours: boolean;
  /** Whether to add the command to run next. */
  readonly next: boolean;
  /** The lines from `renderSample`. */
  readonly sample?: readonly string[];
}

export function renderPlan(plan: Plan, { colours, next, sample = [] }: RenderOptions): string {
  const paint: Paint = (colour, text) =>
    colours ? styleText(colour, text, { validateStream: false }) : text;
  const sections = [
    [`${paint('bold', plan.name)}: ${headline(plan)}`],
    plan.changes.flatMap((change) => renderChange(change, paint)),
    plan.content && plan.kind === 'create' ? renderContent(plan.content) : [],
    keptLines(plan).map(([label, text]) => `  ${label.padEnd(LABEL_WIDTH)}${text}`),
    facts(plan).map(([label, text]) => `  ${label.padEnd(LABEL_WIDTH)}${text}`),
    plan.findings.map((finding) => renderFinding(finding, paint)),
    sample,
    (next ? nextStep(plan) : []).map((text) => `  ${'next'.padEnd(LABEL_WIDTH)}${text}`),
  ];
  return sections
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n');
}

function headline(plan: Plan): string {
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

const NEEDS: Readonly<Record<Change['needs'], string>> = {
  'in-place': 'in place',
  'close-and-open': 'close and open',
  'new-version': 'new version',
  blocked: 'impossible',
};

function renderChange({ path, before, after, needs, reason }: Change, paint: Paint): string[] {
  return [
    `  ${path}  ${paint('dim', `[${NEEDS[needs]}] ${reason}`)}`,
    ...(before === undefined ? [] : [paint('red', `    - ${compact(before)}`)]),
    ...(after === undefined ? [] : [paint('green', `    + ${compact(after)}`)]),
  ];
}

/** The whole content of an index that does not exist yet. */
function renderContent({ settings, mappings, aliases = {} }: Content): string[] {
  const filled = Object.entries({ settings, mappings, aliases }).filter(
    ([, part]) => Object.keys(part).length > 0,
  );
  return yamlText(Object.fromEntries(filled) as JsonObject)
    .trimEnd()
    .split('\n')
    .map((line) => `  ${line}`);
}

const SHOWN_KEPT = 20;

function keptLines({ kept }: Plan): [label: string, text: string][] {
  if (!kept) return [];
  const fields = kept.fields.map(({ name, type }) => `${name} (${type})`);
  const settings = Object.entries(kept.settings).map(([name, value]) => `${name}: ${compact(value)}`);
  return [...keptLine(fields, 'field'), ...keptLine(settings, 'setting')];
}

function keptLine(items: readonly string[], noun: string): [label: string, text: string][] {
  if (items.length === 0) return [];
  const more =
    items.length > SHOWN_KEPT ? `, and ${number(items.length - SHOWN_KEPT)} more (all of them: --json)` : '';
  const verb = items.length === 1 ? 'stays as it is' : 'stay as they are';
  return [
    [
      'kept',
      `${count(items.length, noun)} not declared, ${verb}: ${items.slice(0, SHOWN_KEPT).join(', ')}${more}`,
    ],
  ];
}

const MAX_VALUE = 1_000;

function compact(value: Json): string {
  const text = printJson(value);
  return text.length > MAX_VALUE
    ? `${text.slice(0, MAX_VALUE)}... (${text.length} characters; all of them: --json)`
    : text;
}

function facts(plan: Plan): [label: string, text: string][] {
  if (plan.kind !== 'new-version' && !plan.estimate) return [];
  const back = plan.lossyWayBack
    ? 'lossless until the switch of the writers, lossy after it'
    : 'lossless until it is finalized';
  return [
    ...(plan.estimate ? estimateFacts(plan.estimate) : []),
    ...(plan.route ? [['route', `${plan.route.name}: ${plan.route.reason}`] as [string, string]] : []),
    ...(plan.source?.cluster ? [fromFact(plan.source.cluster)] : []),
    ['transform', plan.transform ? 'documents are changed on the way' : 'none, documents stay as they are'],
    ['way back', plan.layout === 'bare-index' ? 'none after the switch, which is for good' : back],
    ...goes(plan),
  ];
}

/** Tells which index will be deleted, and when. */
function goes({ name, layout, source, kind }: Plan): [string, string][] {
  if (kind !== 'new-version' || !source) return [];
  const when =
    layout === 'bare-index'
      ? 'at the switch, when an alias takes its name'
      : `at the end, which is asked for (twindex finalize ${name}, or --until finalized)`;
  return [['deletes', `${source.index}, ${when}`]];
}

function fromFact({ engine, nodes }: OtherCluster): [string, string] {
  return ['from', `another cluster: ${engine}, ${nodes.join(' ')}`];
}

function estimateFacts({
  documents,
  bytes,
  diskBytes,
  copyMs,
  assumedDocsPerSecond,
}: Estimate): [string, string][] {
  const [shortest, longest] = copyMs.map((ms) => formatDuration(Math.max(1_000, ms)));
  const [slow, fast] = assumedDocsPerSecond.map(number);
  return [
    [
      'copies',
      `${count(documents, 'document')}, ${formatBytes(bytes)}; needs ${formatBytes(diskBytes)} of disk`,
    ],
    [
      'takes',
      `${shortest === longest ? `about ${longest}` : `${shortest} to ${longest}`} to copy, if ${slow} to ${fast} documents/s (less for large ones) are reached; then it is verified`,
    ],
  ];
}

const FINDING_COLOUR = { block: 'red', warn: 'yellow', info: 'dim' } as const;

function renderFinding({ check, level, message }: Finding, paint: Paint): string {
  return `  ${paint(FINDING_COLOUR[level], level.padEnd(LABEL_WIDTH))}${message} (${check})`;
}

function nextStep(plan: Plan): readonly string[] {
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
      : `twindex migrate ${name} goes on with it; twindex status ${name}`,
  ],
  blocked: () => ['remove what blocks, then twindex plan again'],
  nothing: () => [],
};
