// Shows the findings of `twindex lint` as text or Markdown: what is wrong, the safe way, and how to override a finding.
import { styleText } from 'node:util';
import type { LintFinding } from '../../plan/lint/lintIndex.js';
import { changeLines } from './changeLines.js';
import { diffBlock, escapeMarkdown } from './markdown.js';
import { hangingText, UNLIMITED } from './textLayout.js';
import { renderChange, type Style } from './renderChange.js';

export interface LintReport {
  readonly findings: readonly LintFinding[];
  /** The names of the index files that were compared. */
  readonly checked: readonly string[];
  /** The names among `checked` that are not in the lock file. */
  readonly unreleased: readonly string[];
  /** The path of the lock file; undefined if there is none. */
  readonly lock: string | undefined;
  /** The path of the lock file, if it was written. */
  readonly written: string | undefined;
  /** Whether `--write` was given, but no lock file was written because a change is refused. */
  readonly notWritten: boolean;
}

export function lintText(
  report: LintReport,
  { colours, width = UNLIMITED }: { readonly colours: boolean; readonly width?: number | undefined },
): string {
  const style: Style = {
    paint: (colour, text) => (colours ? styleText(colour, text, { validateStream: false }) : text),
    width,
  };
  return [
    ...report.findings.map((finding) => findingText(finding, style)),
    summaryLines(report)
      .flatMap((text) => hangingText(text, { first: '', rest: '  ', width }))
      .join('\n'),
  ].join('\n\n');
}

const LEVEL_COLOUR = { refused: 'red', advice: 'yellow' } as const;
const LABEL_WIDTH = 10;

function findingText(finding: LintFinding, style: Style): string {
  const { level, changes } = finding;
  const [head = '', ...rest] = hangingText(`${level}: ${titleOf(finding)}`, {
    first: '',
    rest: '  ',
    width: style.width,
  });
  const parts = partsOf(finding).flatMap(([label, text]) =>
    hangingText(text, {
      first: `  ${label.padEnd(LABEL_WIDTH)}`,
      rest: ' '.repeat(2 + LABEL_WIDTH),
      width: style.width,
    }),
  );
  return [
    `${style.paint(LEVEL_COLOUR[level], level)}${head.slice(level.length)}`,
    ...rest,
    ...changeLines(changes, false).flatMap((line) => renderChange(line, style)),
    ...parts,
  ].join('\n');
}

function titleOf({ name, file, title, rule }: LintFinding): string {
  return `${name}${file === undefined ? '' : ` (${file})`}: ${title} [${rule}]`;
}

function partsOf({ wrong, safe, override }: LintFinding): (readonly [string, string])[] {
  return [
    ['wrong', wrong],
    ['safe way', safe],
    ...(override === undefined ? [] : [['override', override] as const]),
  ];
}

function summaryLines(report: LintReport): string[] {
  const { findings, checked } = report;
  const refused = findings.filter(({ level }) => level === 'refused').length;
  const indexes = checked.length === 1 ? '1 index' : `${checked.length} indexes`;
  const counts = `Lint: ${indexes}, findings: ${refused} refused, ${findings.length - refused} with advice.`;
  return [counts, ...lockLines(report)];
}

function lockLines({ checked, unreleased, lock, written, notWritten }: LintReport): string[] {
  if (written !== undefined)
    return [`Recorded as released in ${written}: ${checked.join(', ')}. Commit this file.`];
  if (lock === undefined)
    return [
      'There is no twindex.lock yet, so nothing could be compared. After the release of these schemas, run: twindex lint --write',
    ];
  return [
    `Compared with ${lock}.${notWritten ? ' This file was not changed, because a change of an index is refused.' : ''}`,
    ...(unreleased.length === 0 ? [] : [`Not released yet: ${unreleased.join(', ')}.`]),
  ];
}

export function lintMarkdown(report: LintReport): string {
  const [summary = '', ...rest] = summaryLines(report);
  return [
    `### twindex ${summary.replace(/^Lint/, 'lint').replace(/\.$/, '')}`,
    ...report.findings.map(findingMarkdown),
    rest.map(escapeMarkdown).join(' '),
  ].join('\n\n');
}

function findingMarkdown(finding: LintFinding): string {
  const { name, file, title, rule, level, changes } = finding;
  const where = file === undefined ? '' : ` (${escapeMarkdown(file)})`;
  return [
    `${level === 'refused' ? '🛑' : '💡'} **${escapeMarkdown(name)}**${where}: ${escapeMarkdown(title)} (\`${rule}\`)`,
    diffBlock(changeLines(changes, false)),
    partsOf(finding)
      .map(([label, text]) => `- **${label}**: ${escapeMarkdown(text)}`)
      .join('\n'),
  ]
    .filter((part) => part !== '')
    .join('\n\n');
}
