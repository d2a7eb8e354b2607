// The rows of the version matrix (scripts/matrix.js), and the table of docs/versions.md that shows their results. Without I/O.

/** The newest versions, an older one of each major version, and the oldest OpenSearch and Elasticsearch that are accepted. */
export const ENGINES = [
  'opensearch@3.8.0',
  'opensearch@3.5.0',
  'opensearch@2.19.5',
  'opensearch@2.12.0',
  'elasticsearch@9.2.0',
  'elasticsearch@8.19.0',
  'elasticsearch@7.17.28',
];

/** Major versions. The first is the oldest that is supported. */
export const NODES = ['20', '22', '24'];

const BEGIN = '<!-- results of the version matrix: `npm run matrix` writes them -->';
const END = '<!-- end of results -->';
const HEAD = ['engine', 'Node.js', 'tests', 'passed', 'failed', 'skipped', 'demo', 'date'];
const PRODUCTS = { opensearch: 'OpenSearch', elasticsearch: 'Elasticsearch' };

/**
 * One row of the table: the text of each cell.
 * @typedef {{ engine: string, node: string, tests: string, passed: string, failed: string, skipped: string, demo: string, date: string }} Row
 */

/**
 * If both lists are empty: every engine on the oldest Node, and the first engine on all other versions of Node.
 * @param {readonly string[]} engines @param {readonly string[]} nodes
 * @returns {[engine: string, node: string][]}
 */
export function chooseRows(engines, nodes) {
  const [firstEngine = ''] = ENGINES;
  const [oldest = '', ...others] = NODES;
  if (engines.length === 0 && nodes.length === 0) {
    return [...pairs(ENGINES, [oldest]), ...pairs([firstEngine], others)];
  }
  return pairs(engines.length > 0 ? engines : ENGINES, nodes.length > 0 ? nodes : [oldest]);
}

/**
 * @param {readonly string[]} engines @param {readonly string[]} nodes
 * @returns {[engine: string, node: string][]}
 */
function pairs(engines, nodes) {
  return engines.flatMap((engine) => nodes.map((node) => /** @type {[string, string]} */ ([engine, node])));
}

/** @param {string} spec for example `opensearch@3.8.0` @returns {string} OpenSearch 3.8.0 */
export function engineTitle(spec) {
  const [name, version] = spec.split('@');
  return `${PRODUCTS[/** @type {'opensearch' | 'elasticsearch'} */ (name)]} ${version}`;
}

/**
 * Finds the counts in the output of Vitest: tests/summaryReporter.ts prints them as the last line.
 * @param {string} output
 * @returns {{ passed: string, failed: string, skipped: string } | undefined}
 */
export function countsIn(output) {
  const match = /^(\d+) passed, (\d+) failed, (\d+) skipped$/m.exec(
    output.trimEnd().split('\n').at(-1) ?? '',
  );
  if (!match) return undefined;
  const [, passed = '', failed = '', skipped = ''] = match;
  return { passed, failed, skipped };
}

/** @param {string} page @returns {Row[]} the rows of the table in a page */
export function readRows(page) {
  const lines = parts(page).table.split('\n').slice(2);
  return lines.map((line) => {
    const cells = line.split('|').slice(1, -1);
    return /** @type {Row} */ (Object.fromEntries(KEYS.map((key, n) => [key, (cells[n] ?? '').trim()])));
  });
}

/** @param {string} page @param {Row} row @returns {string} the page with this row in the place of an earlier one of the same versions */
export function withRow(page, row) {
  const { before, after } = parts(page);
  const others = readRows(page).filter((one) => keyOf(one) !== keyOf(row));
  const rows = [...others, row].sort((one, other) => rankOf(one) - rankOf(other));
  const lines = [HEAD, HEAD.map(() => '---'), ...rows.map((one) => KEYS.map((key) => one[key]))];
  return `${before}${BEGIN}\n${lines.map((cells) => `| ${cells.join(' | ')} |`).join('\n')}\n${END}${after}`;
}

/** @type {(keyof Row)[]} */
const KEYS = ['engine', 'node', 'tests', 'passed', 'failed', 'skipped', 'demo', 'date'];

/** @param {Row} row */
const keyOf = ({ engine, node }) => `${engine} ${node.split('.')[0]}`;

/** The place of a row: rows are sorted as in ENGINES. Engines that are not in ENGINES come last. @param {Row} row */
function rankOf({ engine, node }) {
  const place = ENGINES.map(engineTitle).indexOf(engine);
  return (place < 0 ? ENGINES.length : place) * 100 + Number(node.split('.')[0]);
}

/** @param {string} page */
function parts(page) {
  const [before, rest, ...more] = page.split(BEGIN);
  const end = rest?.indexOf(END) ?? -1;
  if (before === undefined || rest === undefined || more.length > 0 || end < 0)
    throw new Error(`the page needs the lines ${BEGIN} and ${END} once`);
  return { before, table: rest.slice(0, end).trim(), after: rest.slice(end + END.length) };
}
