// Shows a sample as text: how many documents are accepted, why others are refused, and the transform's changes.
import { styleText } from 'node:util';
import { formatDuration } from '../../duration.js';
import { cut, idText, printable, reasonLines } from '../../commonReason.js';
import { number } from '../../words.js';
import type { Plan } from '../../plan/decidePlan.js';
import { hangingText, UNLIMITED } from './textLayout.js';
import type { ChangedDocument, ChangedField, Sample } from '../../plan/sampleTally.js';

const LABEL_WIDTH = 12;
const MAX_VALUE = 100;
const FIELDS_SHOWN = 6;

interface Line {
  readonly label: string;
  readonly text: string;
  readonly colour?: 'red' | 'yellow';
}

/** @param sample undefined for a kind of plan for which no sample is possible */
export function renderSample(
  plan: Plan,
  sample: Sample | undefined,
  { colours, width = UNLIMITED }: { readonly colours: boolean; readonly width?: number | undefined },
): string[] {
  return sampleLines(plan, sample).flatMap(({ label, text, colour }) => {
    const first = `  ${label.padEnd(LABEL_WIDTH)}`;
    const lines = hangingText(text, { first, rest: ' '.repeat(first.length), width });
    if (!colours || !colour) return lines;
    return lines.map((wrapped, n) => {
      // A warning has a coloured label, a refused document a coloured reason.
      const [from, upTo] = label === '' ? [first.length, wrapped.length] : [2, n === 0 ? first.length : 2];
      const painted = styleText(colour, wrapped.slice(from, upTo), { validateStream: false });
      return from < upTo ? `${wrapped.slice(0, from)}${painted}${wrapped.slice(upTo)}` : wrapped;
    });
  });
}

function sampleLines(plan: Plan, sample: Sample | undefined): Line[] {
  if (!sample) return [line('sample', `nothing to sample, ${WHY_NOT[plan.kind](plan)}`)];
  return [
    line('sample', counts(plan, sample)),
    ...reasonLines(sample.rejected.byReason, sample.rejected.count).map((text) => ({
      label: '',
      text,
      colour: 'red' as const,
    })),
    ...sample.examples.map((example) => line('', `document ${idText(example.id)}: ${fieldsText(example)}`)),
    ...nondeterminism(sample).map((text) => ({ label: 'warn', text, colour: 'yellow' as const })),
    ...nextSteps(plan, sample).map((text) => line('next', text)),
  ];
}

const staysInPlace = () => 'as documents stay where they are';

const WHY_NOT: Readonly<Record<Plan['kind'], (plan: Plan) => string>> = {
  create: () => 'as there are no documents yet',
  nothing: staysInPlace,
  'in-place': staysInPlace,
  'close-and-open': staysInPlace,
  'new-version': staysInPlace,
  running: ({ name }) => `as the migration is under way; twindex status ${name} shows the rejected documents`,
  blocked: () => 'as the plan is blocked',
};

function line(label: string, text: string): Line {
  return { label, text };
}

function counts({ estimate, transform }: Plan, sample: Sample): string {
  const { documents, asked, indexed, dropped, rejected, changed, tookMs } = sample;
  const total = estimate && documents < estimate.documents ? estimate.documents : undefined;
  const of =
    documents < asked && documents > 0
      ? `all ${number(documents)} documents`
      : `${number(documents)}${total === undefined ? '' : ` of ${number(total)}`} documents`;
  const parts = [
    `${number(indexed)} taken`,
    ...(transform ? [`${number(dropped)} dropped`] : []),
    `${number(rejected.count)} would be rejected`,
  ];
  const changes = transform ? `; ${number(changed)} changed by the transform` : '';
  return `${of}: ${parts.join(', ')}${changes} (${formatDuration(tookMs)})`;
}

function nondeterminism({ nondeterministic: { count, first } }: Sample): string[] {
  const [example] = first;
  if (!example) return [];
  const documents = count === 1 ? '1 document' : `${number(count)} documents`;
  return [
    `the transform is not deterministic: a second run returned another result for ${documents} ` +
      `(${idText(example.id)}: ${fieldsText(example)}). A transform should not use clocks, random numbers or data that changes.`,
  ];
}

function nextSteps({ name, transform }: Plan, { documents, asked, rejected }: Sample): string[] {
  if (rejected.count === 0) return [];
  const correct = `correct ${transform ? 'the transform or the mapping' : 'the mapping, or add a transform'}, then run again: twindex plan ${name} --sample ${asked}`;
  return rejected.count === documents
    ? [correct]
    : [
        correct,
        `or continue without the documents that are rejected: twindex migrate ${name} --drop-rejected`,
      ];
}

function fieldsText({ fields }: ChangedDocument): string {
  const shown = fields.slice(0, FIELDS_SHOWN).map(fieldText).join(', ');
  const more = fields.length - FIELDS_SHOWN;
  return more > 0 ? `${shown}, and more` : shown;
}

function fieldText({ path, before, after }: ChangedField): string {
  return `${path === '' ? '' : `${printable(path)} `}${valueText(before)} -> ${valueText(after)}`;
}

function valueText(value: string | undefined): string {
  return value === undefined ? 'missing' : cut(printable(value), MAX_VALUE);
}
