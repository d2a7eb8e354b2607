// Compares index files with the lock file, which has their last released schemas, and reports risky changes. Pure.
import type { Engine } from '../../cluster/cluster.js';
import { diffSchema } from '../../schema/diff.js';
import { engineTitle } from '../../schema/nearestName.js';
import type { Change, ChangeClass } from '../../schema/types.js';
import { type Kept, withUndeclared } from '../../schema/undeclared.js';
import { fieldNameOf, rollbackLoss, type Step, stepsBetween } from '../rollbackLoss.js';
import { type Linted, type Lock, type Released, releasedOf } from './lockFile.js';
import { mayBeRefused } from './typeChange.js';

export const LINT_RULES = [
  'version-not-raised',
  'version-lowered',
  'closes-index',
  'aliases-changed',
  'values-not-converted',
  'rollback-loses',
  'version-raised-for-nothing',
  'version-skipped',
  'transform-changed',
  'field-not-declared',
  'unknown-to-twindex',
  'index-not-declared',
] as const;
type LintRule = (typeof LINT_RULES)[number];

export interface LintFinding {
  /** The name in the index file. */
  readonly name: string;
  /** The path of the index file; undefined if no file declares the index any more. */
  readonly file: string | undefined;
  readonly rule: LintRule;
  /** `refused`: the change must not be released. `advice`: a person should look at it. */
  readonly level: 'refused' | 'advice';
  /** For example `price changed its type, but version is still 1`. */
  readonly title: string;
  readonly wrong: string;
  readonly safe: string;
  /** How to release the change nevertheless; undefined for advice, which refuses nothing. */
  readonly override?: string | undefined;
  readonly changes: readonly Change[];
}

/**
 * Without a cluster the engine is unknown, so a change counts as allowed if either engine allows it. `plan`
 * asks the engine itself.
 */
const ENGINES: readonly [Engine, Engine] = [
  { name: 'opensearch', version: '3', major: 3 },
  { name: 'elasticsearch', version: '9', major: 9 },
];

/** @returns the refusals first, then the advice. A new index, which is not in the lock file, gets neither */
export function lintIndexes(indexes: readonly Linted[], lock: Lock): LintFinding[] {
  const findings = indexes.flatMap((index) => {
    const released = Object.hasOwn(lock, index.name) ? lock[index.name] : undefined;
    return released ? lintIndex(index, released) : [];
  });
  return findings.sort((a, b) => rank(a) - rank(b));
}

const rank = ({ level }: LintFinding): number => (level === 'refused' ? 0 : 1);

/** Advice about released indexes that no index file declares any more. */
export function notDeclared(indexes: readonly Linted[], lock: Lock): LintFinding[] {
  const gone = Object.keys(lock).filter((name) => !indexes.some((index) => index.name === name));
  return gone.map((name) => ({
    name,
    file: undefined,
    rule: 'index-not-declared',
    level: 'advice',
    title: `no index file declares ${name} any more`,
    wrong:
      'An index that is no longer declared stays in the cluster as it is. If its `name` was changed, twindex does not find it any more.',
    safe:
      `If the index was renamed, set \`name\` to ${name} again. If the index is not needed any more, delete it in the cluster, ` +
      'and run: twindex lint --write',
    changes: [],
  }));
}

interface Case {
  readonly index: Linted;
  readonly released: Released;
  readonly changes: readonly Change[];
  readonly kept: Kept;
  readonly steps: readonly Step[];
}

function lintIndex(index: Linted, released: Released): LintFinding[] {
  const { changes, kept, unknown } = compare(index, released);
  const steps = stepsBetween(index, released.version);
  const found: Case = { index, released, changes, kept, steps };
  const same = index.version === released.version;
  return [
    ...aliasesChanged(found),
    ...(index.version < released.version ? [versionLowered(found)] : []),
    ...(same ? [...versionNotRaised(found), ...closesIndex(found)] : []),
    ...(index.version > released.version ? newVersion(found) : []),
    ...transformsChanged(found),
    ...fieldsNotDeclared(found),
    ...unknownParts(found, unknown),
  ];
}

interface Compared {
  readonly changes: readonly Change[];
  readonly kept: Kept;
  /** Changes of settings and mapping parameters that twindex does not know for either engine. */
  readonly unknown: readonly Change[];
}

function compare(index: Linted, released: Released): Compared {
  const [ours, others] = [sideOf(ENGINES[0], index, released), sideOf(ENGINES[1], index, released)];
  return {
    changes: ours.changes.flatMap((change) => {
      const other = others.changes.find(({ path }) => path === change.path);
      return other ? [LENIENCE[other.needs] < LENIENCE[change.needs] ? other : change] : [];
    }),
    kept: ours.kept,
    unknown: ours.blocked.filter(({ path }) => others.blocked.some((other) => other.path === path)),
  };
}

interface Side {
  readonly changes: readonly Change[];
  readonly blocked: readonly Change[];
  readonly kept: Kept;
}

function sideOf(engine: Engine, index: Linted, released: Released): Side {
  const { schema, kept } = withUndeclared(released, index, { engine });
  const changes = diffSchema(released, schema, engine, { taken: true });
  const blocked = diffSchema(released, schema, engine).filter(({ needs }) => needs === 'blocked');
  return { changes, blocked, kept };
}

const LENIENCE: Readonly<Record<ChangeClass, number>> = {
  'in-place': 0,
  'close-and-open': 1,
  'new-version': 2,
  blocked: 3,
};

function refused(
  { index: { name, file } }: Case,
  rule: LintRule,
  finding: Pick<LintFinding, 'title' | 'wrong' | 'safe' | 'changes'> & { readonly when: string },
): LintFinding {
  const { when, ...rest } = finding;
  const override = `${when}, run: twindex lint --write --allow ${name}:${rule} (it records the index file as released; commit twindex.lock)`;
  return { name, file, rule, level: 'refused', ...rest, override };
}

function advice(
  { index: { name, file } }: Case,
  rule: LintRule,
  finding: Pick<LintFinding, 'title' | 'wrong' | 'safe'> & { readonly changes?: readonly Change[] },
): LintFinding {
  return { name, file, rule, level: 'advice', changes: [], ...finding };
}

function versionNotRaised(found: Case): LintFinding[] {
  const { index, changes } = found;
  const breaking = changes.filter(({ needs }) => needs === 'new-version');
  if (breaking.length === 0) return [];
  const next = index.version + 1;
  const converts = breaking.some(isType)
    ? ` If values have to be converted, add a transform: migrations: { ${next}: { up: …, down: … } }.`
    : '';
  return [
    refused(found, 'version-not-raised', {
      title: `${summaryOf(breaking)}, but version is still ${index.version}`,
      wrong: `A live index can't be changed in this way. twindex plan would be blocked, and nothing would be migrated.`,
      safe: `Raise \`version\` to ${next} in ${index.file}: twindex then fills a new index while the old one is in use.${converts}`,
      when: `If version ${index.version} was never released with the schema in twindex.lock`,
      changes: breaking,
    }),
  ];
}

function closesIndex(found: Case): LintFinding[] {
  const { index, changes } = found;
  const closing = changes.filter(({ needs }) => needs === 'close-and-open');
  // if another change needs a new version anyway, nothing has to be closed
  if (closing.length === 0 || changes.some(({ needs }) => needs === 'new-version')) return [];
  return [
    refused(found, 'closes-index', {
      title: `${summaryOf(closing)}, which closes the index unless version is raised above ${index.version}`,
      wrong:
        'The engine accepts this only on a closed index. While it is closed, it can be neither read nor written.',
      safe: `Raise \`version\` to ${index.version + 1} in ${index.file}: twindex then fills a new index, without an outage.`,
      when: 'If an outage of some seconds is acceptable (twindex migrate --allow-outage)',
      changes: closing,
    }),
  ];
}

function versionLowered(found: Case): LintFinding {
  const { index, released } = found;
  return refused(found, 'version-lowered', {
    title: `version went back from ${released.version} to ${index.version}`,
    wrong: `Version ${released.version} was released. Its index exists, and twindex never goes back to a lower version.`,
    safe: `Set \`version\` to ${released.version} in ${index.file}. To undo a released schema, declare it as version ${released.version + 1}.`,
    when: `If version ${released.version} never reached any cluster`,
    changes: [],
  });
}

function aliasesChanged(found: Case): LintFinding[] {
  const { index, released } = found;
  const moved = (['read', 'write'] as const).filter((side) => index.aliases[side] !== released.aliases[side]);
  if (moved.length === 0) return [];
  const texts = moved.map(
    (side) => `aliases.${side} changed from ${released.aliases[side]} to ${index.aliases[side]}`,
  );
  return [
    refused(found, 'aliases-changed', {
      title: texts.join(', '),
      wrong:
        'twindex finds the live index by its aliases, and moves only these. It would not find the index, and applications would ' +
        'keep using the old names, which would not be moved any more.',
      safe:
        `Keep the aliases. To rename one: add the new alias to the live index (POST /_aliases), let all applications use it, and ` +
        'only then change the index file.',
      when: 'If the new aliases are on the live index in every cluster',
      changes: [],
    }),
  ];
}

function newVersion(found: Case): LintFinding[] {
  return [
    ...raisedForNothing(found),
    ...versionSkipped(found),
    ...valuesNotConverted(found),
    ...rollbackLoses(found),
  ];
}

const transforms = ({ steps }: Case): boolean => steps.some(({ up }) => up !== undefined);

function raisedForNothing(found: Case): LintFinding[] {
  const { index, changes } = found;
  const needed = changes.some(({ needs }) => needs !== 'in-place');
  if (needed || transforms(found)) return [];
  const why = changes.length === 0 ? 'nothing has changed' : 'all changes can be made in the live index';
  return [
    advice(found, 'version-raised-for-nothing', {
      title: `version is ${index.version}, but ${why}`,
      wrong: 'A new version copies every document into a new index.',
      safe: `Leave \`version\` at ${found.released.version}, unless you want to copy the documents, for example to another number of shards.`,
      changes,
    }),
  ];
}

function versionSkipped(found: Case): LintFinding[] {
  const { index, released } = found;
  if (index.version === released.version + 1) return [];
  return [
    advice(found, 'version-skipped', {
      title: `version goes from ${released.version} to ${index.version}`,
      wrong:
        'The versions between them were never released. Their transforms would run one after the other, for the first time.',
      safe: `If this is not intended, set \`version\` to ${released.version + 1}.`,
    }),
  ];
}

function valuesNotConverted(found: Case): LintFinding[] {
  if (transforms(found)) return [];
  const { index, changes } = found;
  const risky = changes.filter((change) => isType(change) && mayBeRefused(change));
  if (risky.length === 0) return [];
  return [
    advice(found, 'values-not-converted', {
      title: `${summaryOf(risky)}, and no transform converts the values`,
      wrong:
        'Documents are copied as they are. A document whose value does not fit the new type is rejected, and the migration waits for you.',
      safe:
        `Try it on live documents: twindex plan ${index.name} --sample 1000. If some are rejected, convert the values in ` +
        `migrations: { ${index.version}: { up: …, down: … } }.`,
      changes: risky,
    }),
  ];
}

function rollbackLoses(found: Case): LintFinding[] {
  const { index, released, changes } = found;
  const live = { index: `${index.name}-v${released.version}`, ...released, aliases: {} };
  const reasons = rollbackLoss({ definition: index, live, version: released.version, changes });
  if (reasons.length === 0) return [];
  return [
    advice(found, 'rollback-loses', {
      title: 'a rollback after the switch of the writers may lose data',
      wrong: `${reasons.join('; ')}.`,
      safe: `Declare \`down\` next to \`up\` in migrations: it turns a new document back into an old one.`,
    }),
  ];
}

function transformsChanged(found: Case): LintFinding[] {
  const { index, released } = found;
  const now = releasedOf(index).migrations;
  const changed = Object.keys(released.migrations).filter(
    (to) => now[to] !== undefined && now[to] !== released.migrations[to],
  );
  if (changed.length === 0) return [];
  return [
    advice(found, 'transform-changed', {
      title: `the transform to version ${changed.join(', ')} has changed since it was released`,
      wrong:
        'Documents that are already migrated keep the result of the released transform. Clusters that are migrated later would get other documents.',
      safe: `Restore it, and correct the documents in a new version: migrations: { ${index.version + (index.version === released.version ? 1 : 0)}: { up: … } }.`,
    }),
  ];
}

function fieldsNotDeclared(found: Case): LintFinding[] {
  const { fields } = found.kept;
  if (fields.length === 0) return [];
  const names = fields.slice(0, 5).map(({ name }) => name);
  const more = fields.length > names.length ? ` and ${fields.length - names.length} more` : '';
  const are = fields.length === 1 ? 'is' : 'are';
  return [
    advice(found, 'field-not-declared', {
      title: `${names.join(', ')}${more} ${are} not declared any more`,
      wrong:
        'twindex keeps fields that an index file does not mention, with all of their content: nothing is lost, and nothing is removed.',
      safe: `To remove them, use a new version with \`undeclaredFields: 'dynamic'\` and a transform that deletes them from the documents.`,
    }),
  ];
}

function unknownParts(found: Case, unknown: readonly Change[]): LintFinding[] {
  if (unknown.length === 0) return [];
  const reasons = unknown.slice(0, 5).map(({ path, reason }) => `${path}: ${withoutEngine(reason)}`);
  return [
    advice(found, 'unknown-to-twindex', {
      title: `${summaryOf(unknown)} in a way that twindex does not know`,
      wrong: `${reasons.join('; ')}.`,
      safe: 'Correct it if it is a typing error. If it belongs to a plugin, twindex plan asks the engine about it.',
    }),
  ];
}

const withoutEngine = (reason: string): string =>
  ENGINES.reduce((text, engine) => text.replace(engineTitle(engine), 'the engine'), reason);

const isType = ({ path }: Change): boolean => path.startsWith('mappings.') && path.endsWith('.type');

const MAX_SUMMED = 3;

/** For example `price changed its type, title changed its analyzer`. */
function summaryOf(changes: readonly Change[]): string {
  const texts = [...new Set(changes.map(changeText))];
  const more = texts.length > MAX_SUMMED ? ` and ${texts.length - MAX_SUMMED} more` : '';
  return `${texts.slice(0, MAX_SUMMED).join(', ')}${more}`;
}

function changeText({ path, before, after }: Change): string {
  const verb = before === undefined ? 'was added' : after === undefined ? 'was removed' : 'changed';
  if (!path.startsWith('mappings.properties.')) return `${path} ${verb}`;
  const parameter = /\.([^.]+)$/.exec(path)?.[1];
  const isWhole = typeof (before ?? after) === 'object' && (before === undefined || after === undefined);
  if (isWhole) return `${fieldNameOf(path)} ${verb}`;
  const field = fieldNameOf(path.slice(0, path.lastIndexOf('.')));
  return `${field} changed its ${parameter}`;
}
