// The remedies after somebody has changed or deleted, by hand, an index or alias that a migration needs. `npm run
// docs:ways-out` writes docs/ways-out.md. tests/integration/migration/waysOut.test.ts tries each row on a
// real engine.
import { fileURLToPath } from 'node:url';

/** @typedef {'all' | 'copied' | 'leader'} Keeps */

/**
 * @typedef {object} WayOut
 * @property {string} layout a key of `LAYOUTS`: the aliases that clients use, and the clusters
 * @property {string} state a key of `STATES`: the state of the migration when the change is made
 * @property {string} change a key of `CHANGES`: the change that somebody makes by hand
 * @property {readonly string[]} ways twindex commands and requests, in order, with NAME, V1 and V2
 * @property {Keeps} keeps which documents can be found and written afterwards
 */

/** @type {Readonly<Record<string, string>>} */
export const LAYOUTS = {
  'two-aliases': 'A read alias and a write alias',
  'one-alias': 'One alias for readers and writers',
  'bare-index': 'An index that is used by its own name',
  'two-clusters': 'From one cluster to another',
};

/** @type {Readonly<Record<string, string>>} */
const NOTES = {
  'one-alias': 'The alias is `NAME`; there is no cut-over.',
  'bare-index': 'V1 is `NAME` itself. The switch deletes it, and ends the migration.',
  'two-clusters':
    'V1 is in the cluster of `source`, V2 in the other one, which has the journal. Requests go to the cluster that the index is in.',
};

/** @type {Readonly<Record<string, string>>} */
export const STATES = {
  copying: 'documents are being copied (`copying`)',
  ready: 'readers and writers are on v1 (`ready`)',
  cutover: 'readers are on v2, writers on v1 (`cutover`)',
  settling: 'readers and writers have just been moved to v2, and v1 is not kept in sync yet (`settling`)',
  switched: 'readers and writers are on v2, and v1 is kept in sync (`switched`)',
  finalizing: 'v1 is about to be deleted (`finalizing`)',
  aborting: 'v2 is about to be deleted (`aborting`)',
};

/** @type {Readonly<Record<string, string>>} */
export const CHANGES = {
  'v1 deleted': '`DELETE /V1`',
  'v2 deleted': '`DELETE /V2`',
  'v1 replaced': 'v1 deleted, and made again under its name without documents',
  'v2 replaced': 'v2 deleted, and made again under its name without documents',
  'v1 closed': '`POST /V1/_close`',
  'v2 closed': '`POST /V2/_close`',
  'v1 read-only': '`index.blocks.read_only` on v1',
  'v2 read-only': '`index.blocks.read_only` on v2',
  'write alias moved': 'the write alias moved to the other index, and a document written through it',
  'read alias moved': 'the read alias moved to the other index',
  'write alias removed': 'the write alias removed',
  'write alias closed': '`is_write_index: false` on the write alias',
  'write alias replaced':
    'the write alias removed, and an index of the same name created, for example by a write',
  'write alias given to the follower':
    'the write alias given to the index that follows, too, in its cluster, and a document written through it there',
  'alias moved': 'the alias moved to the other index, and a document written through it',
  'alias removed': 'the alias removed',
  'alias closed': '`is_write_index: false` on the alias',
  'read alias removed': 'the read alias removed',
  'read alias on a third index': 'the read alias given to a further index, too',
  'feed removed': 'the alias `twindex.NAME.Feed.N` removed',
  'token removed': 'the alias `twindex.NAME.token.N` removed from the journal',
  'record deleted': 'the document of the migration in the journal deleted',
  'record damaged': 'the document of the migration in the journal overwritten with `{}`',
  'journal older': 'the document of the migration in the journal restored from when it was `ready`',
};

/** @type {Readonly<Record<Keeps, string>>} */
const KEPT = {
  all: '',
  copied: '; V2 has only the documents that were copied before the change',
  leader: '; documents that were written only to V2 meanwhile are not kept',
};

const REMOVE_BLOCK_1 = 'PUT /V1/_settings {"index.blocks.read_only":null}';
const REMOVE_BLOCK_2 = 'PUT /V2/_settings {"index.blocks.read_only":null}';
const GIVE_UP_1 = 'twindex detach NAME --give-up V1';
const GIVE_UP_2 = 'twindex detach NAME --give-up V2';
const ABORT = 'twindex abort NAME';
const TAKE_OFF_THIRD = 'POST /_aliases {"actions":[{"remove":{"index":"NAME-third","alias":"NAME-read"}}]}';
const GO_ON = 'twindex migrate NAME';

/**
 * @param {string} layout
 * @returns {(state: string, change: string, keeps: Keeps, ...ways: readonly string[]) => WayOut}
 */
const rowsOf =
  (layout) =>
  (state, change, keeps, ...ways) => ({ layout, state, change, keeps, ways });

const row = rowsOf('two-aliases');
const oneAlias = rowsOf('one-alias');
const bare = rowsOf('bare-index');
const between = rowsOf('two-clusters');

/** @param {string} index @param {string} alias */
const addAlias = (index, alias, closed = '') =>
  `POST /_aliases {"actions":[{"add":{"index":"${index}","alias":"${alias}"${closed}}}]}`;

/** @param {string} index @param {string} alias */
const openAlias = (index, alias) => addAlias(index, alias, ',"is_write_index":true');

/** @type {readonly WayOut[]} */
export const WAYS_OUT = [
  row('copying', 'v1 deleted', 'copied', GIVE_UP_1),
  row('copying', 'v2 deleted', 'all', ABORT),
  row('copying', 'v2 replaced', 'all', ABORT, 'DELETE /V2'),
  row('copying', 'v1 closed', 'all', 'POST /V1/_open', GO_ON),
  row('copying', 'v2 closed', 'all', 'POST /V2/_open', GO_ON),
  row('copying', 'record deleted', 'all', GIVE_UP_2),
  row('ready', 'v1 deleted', 'all', GIVE_UP_1),
  row('ready', 'v2 deleted', 'all', ABORT),
  row('ready', 'v1 replaced', 'all', GIVE_UP_1),
  row('ready', 'v2 replaced', 'all', ABORT, 'DELETE /V2'),
  row('ready', 'v1 closed', 'all', 'POST /V1/_open', GO_ON),
  row('ready', 'v2 closed', 'all', 'POST /V2/_open', GO_ON),
  row('ready', 'v1 read-only', 'all', REMOVE_BLOCK_1, GO_ON),
  row('ready', 'v2 read-only', 'all', REMOVE_BLOCK_2, GO_ON),
  row('ready', 'write alias moved', 'all', GIVE_UP_1),
  row('ready', 'read alias moved', 'all', 'twindex resume NAME'),
  row('ready', 'write alias removed', 'all', addAlias('V1', 'NAME-write'), GO_ON),
  row('ready', 'read alias on a third index', 'all', TAKE_OFF_THIRD, GO_ON),
  row('ready', 'feed removed', 'all', GO_ON),
  row('ready', 'token removed', 'all', GO_ON),
  row('ready', 'record deleted', 'all', GIVE_UP_2),
  row('ready', 'record damaged', 'all', GIVE_UP_2),
  row('cutover', 'v1 deleted', 'all', GIVE_UP_1),
  row('cutover', 'v2 deleted', 'all', ABORT),
  row('cutover', 'v1 replaced', 'all', GIVE_UP_1),
  row('cutover', 'v2 replaced', 'all', ABORT, 'DELETE /V2'),
  row('cutover', 'v1 closed', 'all', 'POST /V1/_open', GO_ON),
  row('cutover', 'v2 closed', 'all', 'POST /V2/_open', GO_ON),
  row('cutover', 'write alias moved', 'all', GIVE_UP_1),
  row('cutover', 'read alias moved', 'all', 'twindex resume NAME'),
  row(
    'cutover',
    'read alias removed',
    'all',
    'POST /_aliases {"actions":[{"add":{"index":"V2","alias":"NAME-read","is_write_index":false}}]}',
    GO_ON,
  ),
  row('cutover', 'record deleted', 'all', GIVE_UP_2),
  row('cutover', 'journal older', 'all', 'twindex resume NAME'),
  row('settling', 'v1 deleted', 'all', 'twindex finalize NAME'),
  row('settling', 'v2 deleted', 'all', GIVE_UP_2),
  row('switched', 'v1 deleted', 'all', 'twindex finalize NAME'),
  row('switched', 'v2 deleted', 'all', GIVE_UP_2),
  row('switched', 'v1 replaced', 'all', 'twindex finalize NAME', 'DELETE /V1'),
  row('switched', 'v2 replaced', 'all', GIVE_UP_2, 'DELETE /V2'),
  row('switched', 'v1 closed', 'all', 'POST /V1/_open', GO_ON),
  row('switched', 'v2 closed', 'all', 'POST /V2/_open', GO_ON),
  row('switched', 'write alias moved', 'all', GIVE_UP_2),
  row('switched', 'read alias moved', 'all', 'twindex resume NAME'),
  row('switched', 'record deleted', 'all', GIVE_UP_1),
  row('switched', 'record damaged', 'all', GIVE_UP_1),
  row('switched', 'journal older', 'all', GIVE_UP_1),
  row('finalizing', 'v1 deleted', 'all', GO_ON),
  row('finalizing', 'v2 deleted', 'all', GIVE_UP_2),
  row('aborting', 'v1 deleted', 'all', GIVE_UP_1),
  row('aborting', 'v2 deleted', 'all', GO_ON),
  row('ready', 'write alias replaced', 'all', 'DELETE /NAME-write', addAlias('V1', 'NAME-write'), GO_ON),
  row('cutover', 'write alias removed', 'all', addAlias('V1', 'NAME-write'), GO_ON),
  row('switched', 'write alias removed', 'all', addAlias('V2', 'NAME-write'), GO_ON),
  row('switched', 'read alias removed', 'all', addAlias('V2', 'NAME-read'), GO_ON),
  row('ready', 'write alias closed', 'all', openAlias('V1', 'NAME-write'), GO_ON),
  row('cutover', 'write alias closed', 'all', openAlias('V1', 'NAME-write'), GO_ON),
  row('switched', 'write alias closed', 'all', openAlias('V2', 'NAME-write'), GO_ON),
  row('settling', 'record deleted', 'all', GIVE_UP_1),
  row('finalizing', 'record deleted', 'all', GIVE_UP_1),
  row('aborting', 'record deleted', 'all', GIVE_UP_2),

  row('copying', 'v1 replaced', 'copied', GIVE_UP_1),
  row('copying', 'v1 read-only', 'all', REMOVE_BLOCK_1, GO_ON),
  row('copying', 'v2 read-only', 'all', REMOVE_BLOCK_2, GO_ON),
  row('copying', 'write alias moved', 'leader', 'twindex resume NAME'),
  row('copying', 'read alias moved', 'all', 'twindex resume NAME'),
  row('copying', 'write alias removed', 'all', addAlias('V1', 'NAME-write'), GO_ON),
  row('copying', 'record damaged', 'all', GIVE_UP_2),
  row('cutover', 'v1 read-only', 'all', REMOVE_BLOCK_1, GO_ON),
  row('cutover', 'v2 read-only', 'all', REMOVE_BLOCK_2, GO_ON),
  row('cutover', 'read alias on a third index', 'all', TAKE_OFF_THIRD, GO_ON),
  row('cutover', 'feed removed', 'all', GO_ON),
  row('cutover', 'token removed', 'all', GO_ON),
  row('cutover', 'record damaged', 'all', GIVE_UP_2),
  row('settling', 'v1 replaced', 'all', 'twindex finalize NAME', 'DELETE /V1'),
  row('settling', 'v2 replaced', 'all', GIVE_UP_2, 'DELETE /V2'),
  row('settling', 'v1 closed', 'all', 'POST /V1/_open', GO_ON),
  row('settling', 'v2 closed', 'all', 'POST /V2/_open', GO_ON),
  row('settling', 'read alias moved', 'all', 'twindex resume NAME'),
  row('switched', 'v1 read-only', 'all', REMOVE_BLOCK_1, GO_ON),
  row('switched', 'v2 read-only', 'all', REMOVE_BLOCK_2, GO_ON),
  row('switched', 'read alias on a third index', 'all', TAKE_OFF_THIRD, GO_ON),
  row('switched', 'feed removed', 'all', GO_ON),
  row('switched', 'token removed', 'all', GO_ON),
  row('finalizing', 'v1 closed', 'all', GO_ON),
  row('finalizing', 'v1 read-only', 'all', REMOVE_BLOCK_1, GO_ON),
  row('finalizing', 'v2 closed', 'all', 'POST /V2/_open', GO_ON),
  row('finalizing', 'v1 replaced', 'all', GO_ON, 'DELETE /V1'),
  row('aborting', 'v1 closed', 'all', 'POST /V1/_open', GO_ON),
  row('aborting', 'v2 closed', 'all', GO_ON),
  row('aborting', 'v2 read-only', 'all', REMOVE_BLOCK_2, GO_ON),
  row('aborting', 'v2 replaced', 'all', GO_ON, 'DELETE /V2'),

  oneAlias('ready', 'v1 deleted', 'all', GIVE_UP_1),
  oneAlias('ready', 'v2 deleted', 'all', ABORT),
  oneAlias('ready', 'v1 replaced', 'all', GIVE_UP_1),
  oneAlias('ready', 'v2 replaced', 'all', ABORT, 'DELETE /V2'),
  oneAlias('ready', 'alias moved', 'all', GIVE_UP_1),
  oneAlias('ready', 'alias removed', 'all', addAlias('V1', 'NAME'), GO_ON),
  oneAlias('ready', 'alias closed', 'all', openAlias('V1', 'NAME'), GO_ON),
  oneAlias('ready', 'record deleted', 'all', GIVE_UP_2),
  oneAlias('ready', 'record damaged', 'all', GIVE_UP_2),
  oneAlias('switched', 'v1 deleted', 'all', 'twindex finalize NAME'),
  oneAlias('switched', 'v2 deleted', 'all', GIVE_UP_2),
  oneAlias('switched', 'alias moved', 'all', GIVE_UP_2),
  oneAlias('switched', 'alias removed', 'all', addAlias('V2', 'NAME'), GO_ON),
  oneAlias('switched', 'alias closed', 'all', openAlias('V2', 'NAME'), GO_ON),
  oneAlias('switched', 'record deleted', 'all', GIVE_UP_1),
  oneAlias('switched', 'journal older', 'all', GIVE_UP_1),

  bare('copying', 'v2 deleted', 'all', ABORT),
  bare('copying', 'record deleted', 'all', GIVE_UP_2),
  bare('ready', 'v1 deleted', 'all', GIVE_UP_1),
  bare('ready', 'v2 deleted', 'all', ABORT),
  bare('ready', 'v1 replaced', 'all', 'DELETE /V1', GIVE_UP_1),
  bare('ready', 'v2 replaced', 'all', ABORT, 'DELETE /V2'),
  bare('ready', 'v1 closed', 'all', 'POST /V1/_open', GO_ON),
  bare('ready', 'v2 closed', 'all', 'POST /V2/_open', GO_ON),
  bare('ready', 'record deleted', 'all', GIVE_UP_2),
  bare('ready', 'record damaged', 'all', GIVE_UP_2),

  between('ready', 'v1 deleted', 'all', GIVE_UP_1),
  between('ready', 'v2 deleted', 'all', ABORT),
  between('ready', 'record deleted', 'all', GIVE_UP_2),
  between('ready', 'write alias given to the follower', 'all', GIVE_UP_1),
  between('ready', 'write alias removed', 'all', addAlias('V1', 'NAME-write'), GO_ON),
  between('ready', 'read alias on a third index', 'all', TAKE_OFF_THIRD, GO_ON),
  between('switched', 'v1 deleted', 'all', 'twindex finalize NAME'),
  between('switched', 'v2 deleted', 'all', GIVE_UP_2),
  between('switched', 'record deleted', 'all', GIVE_UP_1),
  between('switched', 'write alias given to the follower', 'all', GIVE_UP_2),
];

/** @param {readonly WayOut[]} table of one layout @returns {string[]} lines */
function statesOf(table) {
  return Object.entries(STATES).flatMap(([state, text]) => {
    const rows = table
      .filter((one) => one.state === state)
      .map(({ change, keeps, ways }) => {
        const kept = KEPT[keeps];
        const steps = ways.map((way) => `\`${way}\``).join(', then ');
        return `| ${CHANGES[change]} | ${steps}${kept} |`;
      });
    return rows.length === 0
      ? []
      : [`### When ${text}`, '', '| somebody did this | the way out |', '|---|---|', ...rows, ''];
  });
}

/** @param {readonly WayOut[]} table @returns {string} Markdown */
export function drawWaysOut(table) {
  const parts = Object.entries(LAYOUTS).flatMap(([layout, title]) => {
    const tables = statesOf(table.filter((one) => one.layout === layout));
    const note = NOTES[layout] === undefined ? [] : [NOTES[layout], ''];
    return tables.length === 0 ? [] : [`## ${title}`, '', ...note, ...tables];
  });
  return [
    '<!-- Written by `npm run docs:ways-out` from scripts/waysOut.js. Do not edit it here. -->',
    '# Ways out after changes by hand',
    '',
    'Somebody has deleted, closed, replaced or moved by hand something that a migration needs. Find the table for the phase of the',
    'migration (`twindex status NAME`), and the row for the change. The right column has the commands and requests, in their order.',
    'twindex commands that cannot continue name the same remedy, and so does `twindex status NAME`.',
    '',
    'A test tries every row on a real engine. After each way out it finds the acknowledged documents through the read alias, writes',
    'through the write alias, and runs a new migration of the index.',
    '',
    'V1 is the old index (`NAME-v1`), V2 the new one. If the lost index is the [leader](glossary.md#leader), the other index lacks the',
    'last writes. The lag that `twindex status` has shown says how many operations it lacks.',
    '',
    ...parts,
  ].join('\n');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) process.stdout.write(drawWaysOut(WAYS_OUT));
