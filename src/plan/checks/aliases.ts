// Check: the read alias and the write alias must each point to one index, and both to the same one.
import { getIndexes, type LiveIndex } from '../../cluster/indices/getIndex.js';
import type { IndexDefinition } from '../../schema/types.js';
import type { Check, Finding } from './check.js';

export const checkAliases: Check = async ({ sourceCluster: cluster, definition, source }) => {
  const { read, write } = definition.aliases;
  const [readers, writers] = await Promise.all([getIndexes(cluster, read), getIndexes(cluster, write)]);
  if (source) return aliasFindings(definition, source, { readers, writers });
  return nameFindings(definition, await getIndexes(cluster, definition.name));
};

/**
 * Warns if no index has the aliases in the file, but the file's `name` is an alias, probably of the index to
 * migrate.
 */
function nameFindings({ name, aliases, file }: IndexDefinition, behind: readonly LiveIndex[]): Finding[] {
  if (behind.length === 0) return [];
  const indexes = behind.map(({ index }) => index).join(', ');
  const message =
    `${name} is an alias of ${indexes}, but the aliases in ${file} are ${aliases.read} and ${aliases.write}. To migrate ${indexes}, ` +
    `declare the aliases that its readers and writers use: aliases: { read: ${name}, write: ${name} }. With the present ` +
    'file, twindex would create a new, empty index.';
  return [finding('warn', message)];
}

interface BehindAliases {
  readonly readers: readonly LiveIndex[];
  readonly writers: readonly LiveIndex[];
}

function aliasFindings(
  definition: IndexDefinition,
  source: LiveIndex,
  { readers, writers }: BehindAliases,
): Finding[] {
  const { read, write } = definition.aliases;
  const findings = shapeFindings(source, read, 'readers', readers);
  if (write !== read) findings.push(...shapeFindings(source, write, 'writers', writers));
  if (source.aliases[write]?.is_write_index === false) {
    findings.push(
      finding(
        'block',
        `the alias ${write} is closed for writing (is_write_index is false on ${source.index}). ` +
          `Open it: ${addAlias(source.index, write, ',"is_write_index":true')}.`,
      ),
    );
  }
  const bare = [read, write].find((name) => name === source.index);
  if (bare !== undefined) {
    findings.push(
      finding(
        'warn',
        `${bare} is the name of an index, and must become an alias: the switch deletes this index and creates the ` +
          'alias in one call, so there is no rollback after the switch. If you may need the old index, take a snapshot first.',
      ),
    );
  }
  const others = Object.keys(source.aliases).filter((alias) => alias !== read && alias !== write);
  if (others.length > 0) {
    findings.push(
      finding(
        'info',
        `${source.index} has more aliases (${others.join(', ')}): they move with their properties at the switch of the writers.`,
      ),
    );
  }
  return findings;
}

function shapeFindings(
  source: LiveIndex,
  alias: string,
  who: 'readers' | 'writers',
  behind: readonly LiveIndex[],
): Finding[] {
  const names = behind.map(({ index }) => index);
  const [only] = names;
  if (only === undefined) {
    return [
      finding(
        'block',
        `there is no alias ${alias}, so the ${who} of ${source.index} can't be moved. Add it ` +
          `(${addAlias(source.index, alias)}) and let the ${who} use it, or name the alias that they use in \`aliases\`.`,
      ),
    ];
  }
  if (names.length > 1) {
    return [
      finding(
        'block',
        `the alias ${alias} stands for several indexes (${names.join(', ')}); twindex migrates one index. Remove the other indexes from the alias.`,
      ),
    ];
  }
  if (only === source.index) return [];
  const message =
    only === alias
      ? `${alias} is the name of another index, but the ${who} of ${source.index} need an alias of this name. Choose another alias in \`aliases\`, or delete the index ${alias}.`
      : `the alias ${alias} is on ${only}, but the writers use ${source.index}. Point both aliases at the same index.`;
  return [finding('block', message)];
}

function addAlias(index: string, alias: string, more = ''): string {
  return `POST /_aliases {"actions":[{"add":{"index":"${index}","alias":"${alias}"${more}}}]}`;
}

function finding(level: Finding['level'], message: string): Finding {
  return { check: 'aliases', level, message };
}
