// Checks the imports in src/ against the layers of docs/architecture.md. `npm run check:architecture` fails on
// import cycles, imports upwards or between coordinator and writers, and equal file names. `npm run
// docs:architecture` draws the diagram in docs/architecture.md.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** Folders by floor, the lowest floor first. A folder imports only from lower floors, or from itself. */
export const FLOORS = [
  ['src'],
  ['json'],
  ['cluster'],
  ['documents', 'localEngine', 'schema'],
  ['protocol'],
  ['journal', 'queries', 'coordinator/throttle'],
  ['metrics'],
  ['plan', 'coordinator/follow', 'writers/mirror'],
  ['coordinator/backfill', 'coordinator/verify', 'writers/client', 'writers/gateway', 'demo'],
  ['coordinator/reingest'],
  ['coordinator/migration'],
  ['coordinator/worker', 'api'],
  ['dashboard'],
  ['cli', 'src/index.ts'],
];

/** The two kinds of process meet only in the journal, so neither may import the other's files. */
export const SIDES = ['coordinator', 'writers'];

/** @typedef {ReadonlyMap<string, ReadonlySet<string>>} Graph each file or folder with its imports */

/**
 * @param {string} file such as `src/coordinator/follow/round.ts`
 * @returns {string} such as `coordinator/follow`
 */
export function folderOf(file) {
  if (file === 'src/index.ts') return file;
  const folders = dirname(file).split('/').slice(1);
  const [outer = 'src'] = folders;
  return SIDES.includes(outer) ? folders.slice(0, 2).join('/') : outer;
}

/** @returns {Graph} of the files in src/, without tests */
export function readImports() {
  const files = readdirSync(join(ROOT, 'src'), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))
    .map((file) => join('src', file))
    .sort();
  const known = new Set(files);
  return new Map(files.map((file) => [file, new Set(importsOf(file).filter((other) => known.has(other)))]));
}

/** @param {string} file @returns {string[]} */
function importsOf(file) {
  const { importedFiles } = ts.preProcessFile(readFileSync(join(ROOT, file), 'utf8'), true, true);
  return importedFiles
    .filter(({ fileName }) => fileName.startsWith('.'))
    .map(({ fileName }) => normalize(join(dirname(file), fileName)).replace(/\.js$/, '.ts'));
}

/** @param {Graph} graph @returns {string[][]} the cycles: groups of nodes that all reach one another */
export function circlesIn(graph) {
  /** @type {Map<string, { index: number, low: number }>} */
  const seen = new Map();
  /** @type {string[]} */
  const path = [];
  /** @type {string[][]} */
  const circles = [];
  /** Tarjan's algorithm for strongly connected components. @param {string} node */
  const visit = (node) => {
    const mark = { index: seen.size, low: seen.size };
    seen.set(node, mark);
    path.push(node);
    for (const next of graph.get(node) ?? []) {
      if (!seen.has(next)) mark.low = Math.min(mark.low, visit(next));
      else if (path.includes(next)) mark.low = Math.min(mark.low, seen.get(next)?.index ?? mark.low);
    }
    if (mark.low === mark.index) {
      const circle = path.splice(path.indexOf(node));
      if (circle.length > 1) circles.push(circle.sort());
    }
    return mark.low;
  };
  for (const node of graph.keys()) if (!seen.has(node)) visit(node);
  return circles;
}

/**
 * @param {Graph} imports of files
 * @returns {{ circles: string[][], upwards: string[], across: string[], sameNames: string[][] }}
 */
export function findFaults(imports) {
  const floorOf = new Map(FLOORS.flatMap((folders, floor) => folders.map((folder) => [folder, floor])));
  const upwards = [];
  const across = [];
  for (const [file, others] of imports)
    for (const other of others) {
      const [folder, otherFolder] = [folderOf(file), folderOf(other)];
      const [floor, otherFloor] = [floorOf.get(folder), floorOf.get(otherFolder)];
      if (floor === undefined)
        throw new Error(`${folder} is on no floor yet: add it to FLOORS in scripts/architecture.js`);
      if (folder !== otherFolder && (otherFloor ?? Number.POSITIVE_INFINITY) >= floor)
        upwards.push(`${file} -> ${other}`);
      const [side, otherSide] = [folder, otherFolder].map((one) =>
        SIDES.find((name) => one.startsWith(`${name}/`)),
      );
      if (side && otherSide && side !== otherSide) across.push(`${file} -> ${other}`);
    }
  const named = [...imports.keys()].filter((file) => !isCommand(file));
  const names = [...new Set(named.map((file) => basename(file)))];
  const sameNames = names
    .map((name) => named.filter((file) => basename(file) === name))
    .filter((files) => files.length > 1);
  return { circles: circlesIn(imports), upwards, across, sameNames };
}

/** The file of a command has the name of the command, even if another file has it, too. @param {string} file */
const isCommand = (file) => file.startsWith('src/cli/commands/');

/** @param {Graph} imports of files @returns {Graph} */
export function foldersOf(imports) {
  /** @type {Map<string, Set<string>>} */
  const folders = new Map();
  for (const [file, others] of imports) {
    const folder = folderOf(file);
    const used = folders.get(folder) ?? new Set();
    folders.set(folder, used);
    for (const other of others) if (folderOf(other) !== folder) used.add(folderOf(other));
  }
  return folders;
}

/** Folders that nearly every folder imports. The diagram leaves them out. */
const GROUND = ['src', 'json', 'cluster', 'src/index.ts'];

/** Leaves out arrows that a longer path replaces. @param {Graph} folders @returns {string} Mermaid text */
export function drawFolders(folders) {
  const shown = [...folders.keys()].filter((folder) => !GROUND.includes(folder)).sort();
  const direct = new Map(
    shown.map((folder) => [folder, [...(folders.get(folder) ?? [])].filter((one) => shown.includes(one))]),
  );
  /** @type {(from: string, to: string) => boolean} */
  const leads = (from, to) => (direct.get(from) ?? []).some((next) => next === to || leads(next, to));
  const id = (/** @type {string} */ folder) => folder.replaceAll('/', '_');
  const sides = SIDES.map((side) => {
    const inside = shown.filter((folder) => folder.startsWith(`${side}/`));
    return [
      `  subgraph ${side}`,
      ...inside.map((folder) => `    ${id(folder)}["${folder.slice(side.length + 1)}"]`),
      '  end',
    ];
  });
  const others = shown.filter((folder) => !folder.includes('/')).map((folder) => `  ${folder}["${folder}"]`);
  const arrows = shown.flatMap((folder) => {
    const used = direct.get(folder) ?? [];
    return used
      .filter((one) => !used.some((other) => other !== one && leads(other, one)))
      .sort()
      .map((one) => `  ${id(folder)} --> ${id(one)}`);
  });
  return ['```mermaid', 'flowchart TB', ...sides.flat(), ...others, ...arrows, '```'].join('\n');
}

const PAGE = join(ROOT, 'docs/architecture.md');
const DIAGRAM = /```mermaid\n[^`]*```/;

/** @returns {string} the diagram that is in docs/architecture.md now */
export const drawnFolders = () => DIAGRAM.exec(readFileSync(PAGE, 'utf8'))?.[0] ?? '';

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const imports = readImports();
  const folders = foldersOf(imports);
  if (process.argv[2] === '--draw') {
    const page = readFileSync(PAGE, 'utf8');
    writeFileSync(
      PAGE,
      page.replace(DIAGRAM, () => drawFolders(folders)),
    );
  } else {
    const { circles, upwards, across, sameNames } = findFaults(imports);
    const arrows = [...folders.values()].reduce((sum, used) => sum + used.size, 0);
    console.log(
      `${imports.size} files in ${folders.size} folders on ${FLOORS.length} floors, ${arrows} arrows between folders`,
    );
    for (const [title, found] of Object.entries({
      circles: circles.map((files) => files.join(', ')),
      'imports that run upwards': upwards,
      'imports between coordinator and writers': across,
      'file names used more than once': sameNames.map((files) => files.join(', ')),
    })) {
      console.log(`${found.length} ${title}`);
      for (const one of found) console.log(`  ${one}`);
      if (found.length > 0) process.exitCode = 1;
    }
  }
}
