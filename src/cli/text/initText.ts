// Makes the lines that `twindex init` prints. Pure.
import type { LiveIndex } from '../../cluster/indices/getIndex.js';
import type { LeftOut, Recognised } from '../../plan/recogniseIndexes.js';
import { aliasesOfClients } from '../../protocol/names.js';

export interface InitReport {
  readonly config: { readonly file: string; readonly written: boolean };
  /** For example `http://localhost:9200 (OpenSearch 3.8.0)`. */
  readonly cluster: string;
  readonly indexes: readonly WrittenIndex[];
  readonly leftOut: readonly LeftOut[];
  /** New index files that no entry of the configuration matches. */
  readonly notFound: readonly string[];
  readonly notes: readonly string[];
  /** The options that further commands need, such as `--config FILE`. */
  readonly options: string;
}

export interface WrittenIndex {
  readonly found: Recognised;
  readonly file: string;
  /** False if the file already existed. It is not changed then. */
  readonly written: boolean;
}

export function initLines(report: InitReport): string[] {
  const { config, cluster, indexes, leftOut, notes } = report;
  const rows: [string, string][] = [
    [config.file, config.written ? cluster : `existed already, and is unchanged: ${cluster}`],
    ...indexes.map(({ found, file, written }): [string, string] => [
      file,
      written ? layoutText(found) : `existed already, and is unchanged (${found.live.index})`,
    ]),
  ];
  const width = Math.max(...rows.map(([file]) => file.length));
  return [
    ...rows.map(([file, text]) => `${file.padEnd(width)}  ${text}`),
    ...leftOut.map(({ index, reason }) => `left out: ${index} (${reason})`),
    ...indexes
      .filter(({ found, written }) => written && found.guessed)
      .map(({ found }) => aliasWarning(found)),
    ...indexes.filter(({ found, written }) => written && isBare(found)).map(({ found }) => bareNote(found)),
    ...notes,
    ...nextLines(report),
  ];
}

/** For example `books-v1: readers use books-read, writers use books-write`. */
export function layoutText(found: Recognised): string {
  const { live, aliases, tool, guessed } = found;
  if (guessed) return `${live.index}: check the aliases`;
  if (isBare(found)) return `${live.index}: used by its own name, without an alias`;
  if (aliases.read !== aliases.write)
    return `${live.index}: readers use ${aliases.read}, writers use ${aliases.write}`;
  const like = tool === undefined ? '' : `, as ${tool} names its indexes`;
  return `${live.index}: readers and writers use the alias ${aliases.read}${like}`;
}

const isBare = ({ live, aliases }: Recognised): boolean => live.index === aliases.read;

const bareNote = ({ live }: Recognised): string =>
  `note: without an alias, a migration of ${live.index} can't be rolled back after the switch of the writers. To avoid that, ` +
  'let the application use an alias first.';

export function aliasWarning({ live, name, aliases: { read, write } }: Recognised): string {
  const has = namesOf(live);
  const what = has.length === 0 ? 'no alias' : `the aliases ${has.join(', ')}`;
  const advice =
    has.length === 0
      ? `The index file has ${read} and ${write}: add them to the index and let the application use them, or correct \`aliases\` ` +
        `there. As long as no index has these aliases, twindex assumes that ${name} does not exist yet.`
      : `The index file has ${read} for both. Correct \`aliases\` there before you plan.`;
  return `warning: ${live.index} has ${what}, so twindex cannot know which alias readers use, and which alias writers use. ${advice}`;
}

const namesOf = ({ aliases }: LiveIndex): string[] => Object.keys(aliasesOfClients(aliases));

function nextLines({ config, indexes, notFound, options }: InitReport): string[] {
  const hidden = notFound.map(
    (file) => `next: add ${file} to \`indexes\` in ${config.file}, which does not include it yet`,
  );
  const [first, ...others] = indexes;
  const name = first && others.length === 0 ? ` ${first.found.name}` : '';
  const what = name === '' ? 'change an index file' : `change ${first?.file}`;
  return [...hidden, `next: ${what}, and see what the change needs: twindex plan${name}${options}`];
}
