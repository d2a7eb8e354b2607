// `twindex lint`: compares the index files with what was released last, without a cluster.
import { dirname, join, relative, resolve } from 'node:path';
import { type Command, Option } from 'commander';
import { matchesWildcard } from '../../cluster/indexExpression.js';
import { TwindexError } from '../../errors.js';
import { printJson } from '../../json/exactJson.js';
import { LINT_RULES, type LintFinding, lintIndexes, notDeclared } from '../../plan/lint/lintIndex.js';
import {
  type Linted,
  type Lock,
  LOCK_NAME,
  readLock,
  releasedOf,
  writeLock,
} from '../../plan/lint/lockFile.js';
import { loadConfig } from '../../schema/load.js';
import { nearest } from '../../schema/nearestName.js';
import { print } from '../../terminal.js';
import type { Cli, GlobalOptions } from '../cli.js';
import { EXIT, type ExitCode } from '../exitCode.js';
import { viewOf } from '../text/textLayout.js';
import { lintMarkdown, type LintReport, lintText } from '../text/lintText.js';

interface LintFlags extends GlobalOptions {
  readonly write?: boolean;
  readonly lock?: string;
  readonly allow?: readonly string[];
  readonly format: 'text' | 'markdown';
}

export function registerLint(command: Command, cli: Cli): void {
  command
    .option('--write', `record the index files as released, in ${LOCK_NAME}`)
    .option('--lock <file>', `another lock file (default: ${LOCK_NAME} beside the configuration)`)
    .addOption(
      new Option('--allow <name:rule>', 'continue although this rule refuses this index').argParser(
        allowance,
      ),
    )
    .addOption(
      new Option('--format <format>', 'markdown: for a comment on a pull request')
        .choices(['text', 'markdown'])
        .default('text'),
    )
    .action(cli.action((names: string[], flags: LintFlags) => lint(names, flags, cli)));
}

/** @throws TwindexError `usage` if the text is not a name and a rule */
function allowance(text: string, before: readonly string[] = []): string[] {
  const rule = /^[^:]+:(.+)$/.exec(text)?.[1];
  if (rule !== undefined && (LINT_RULES as readonly string[]).includes(rule)) return [...before, text];
  const meant = rule === undefined ? undefined : nearest(rule, LINT_RULES);
  const advice = meant === undefined ? `The rules are: ${LINT_RULES.join(', ')}` : `Did you mean ${meant}?`;
  throw new TwindexError(
    'usage',
    `--allow: "${text}" is not a name and a rule, such as catalogue:closes-index. ${advice}`,
  );
}

async function lint(names: readonly string[], flags: LintFlags, cli: Cli): Promise<ExitCode> {
  const cwd = process.cwd();
  const config = await loadConfig({ file: flags.config, cwd, env: process.env, withCluster: false });
  const all: Linted[] = [
    ...config.indexes,
    ...config.families.map((family) => ({ ...family, name: family.pattern })),
  ].map((index) => ({ ...index, file: relative(cwd, index.file) }));
  const chosen = choose(all, names);
  const file = flags.lock === undefined ? join(dirname(config.file), LOCK_NAME) : resolve(cwd, flags.lock);
  const lock = await readLock(file);
  const findings = [
    ...lintIndexes(chosen, lock ?? {}),
    ...(names.length === 0 ? notDeclared(all, lock ?? {}) : []),
  ].filter((finding) => !isAllowed(finding, flags.allow ?? []));
  const isRefused = findings.some(({ level }) => level === 'refused');
  const writes = flags.write === true && !isRefused;
  if (writes) await writeLock(file, nextLock({ lock: lock ?? {}, all, chosen, names }));
  const report: LintReport = {
    findings,
    checked: chosen.map(({ name }) => name),
    unreleased: lock ? chosen.filter(({ name }) => !Object.hasOwn(lock, name)).map(({ name }) => name) : [],
    lock: lock && relative(cwd, file),
    written: writes ? relative(cwd, file) : undefined,
    notWritten: flags.write === true && !writes,
  };
  print(cli.io, outputOf(report, flags, cli));
  return isRefused ? EXIT.unsafe : EXIT.done;
}

/** @throws TwindexError `not_found` for a name that no index file declares */
function choose(all: readonly Linted[], names: readonly string[]): Linted[] {
  if (names.length === 0) return [...all];
  const unknown = names.find((wanted) => !all.some(({ name }) => isMeant(wanted, name)));
  if (unknown === undefined) return all.filter(({ name }) => names.some((wanted) => isMeant(wanted, name)));
  const known = all.map(({ name }) => name);
  const meant = nearest(unknown, known);
  throw new TwindexError(
    'not_found',
    `no index file declares ${unknown}; ${meant === undefined ? `declared are: ${known.join(', ')}` : `did you mean ${meant}?`}`,
  );
}

const isMeant = (wanted: string, name: string): boolean => wanted === name || matchesWildcard(wanted, name);

const isAllowed = ({ name, rule }: LintFinding, allowed: readonly string[]): boolean =>
  allowed.includes(`${name}:${rule}`);

interface Recorded {
  readonly lock: Lock;
  readonly all: readonly Linted[];
  readonly chosen: readonly Linted[];
  readonly names: readonly string[];
}

/**
 * The next content of the lock file. If the user named no indexes, indexes that no file declares any more are
 * left out.
 */
function nextLock({ lock, all, chosen, names }: Recorded): Lock {
  const kept = Object.entries(lock).filter(
    ([name]) => names.length > 0 || all.some((index) => index.name === name),
  );
  return Object.fromEntries([...kept, ...chosen.map((index) => [index.name, releasedOf(index)] as const)]);
}

function outputOf(report: LintReport, flags: LintFlags, { io }: Cli): string {
  if (flags.json) return printJson({ format: 'twindex-lint-1', ...report });
  if (flags.format === 'markdown') return lintMarkdown(report);
  return lintText(report, viewOf(io));
}
