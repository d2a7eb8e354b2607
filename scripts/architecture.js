// Checks the imports in src/ against the layers of docs/architecture.md. `npm run check:architecture` prints import cycles,
// imports that point upwards, imports between coordinator and writers, and file names that are used twice; it fails when there
// are any. `npm run docs:architecture` draws the diagram in docs/architecture.md.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** Folders by floor, the lowest floor first. A folder imports only from lower floors. Subfolders are not checked. */
export const FLOORS = [
  ['src'],
  ['json'],
  ['cluster'],
  ['documents', 'localEngine', 'schema'],
  ['protocol'],
  ['journal', 'queries', 'coordinator/throttle'],
  ['plan', 'coordinator/follow', 'writers/mirror'],
  ['coordinator/backfill', 'coordinator/verify', 'writers/client', 'writers/gateway', 'demo'],
  ['coordinator/reingest', 'src/index.ts'],
  ['coordinator/migration'],
  ['coordinator/worker'],
  ['cli'],
];

/** The two kinds of process. They communicate only through the journal, so neither may import the other's files. */
export const WINGS = ['coordinator', 'writers'];

/** @typedef {ReadonlyMap<string, ReadonlySet<string>>} Graph each file or folder with its imports */

/**
 * @param {string} file such as `src/coordinator/follow/round.ts`
 * @returns {string} such as `coordinator/follow`
 */
export function roomOf(file) {
  if (file === 'src/index.ts') return file;
  const folders = dirname(file).split('/').slice(1);
  const [outer = 'src'] = folders;
  return WINGS.includes(outer) ? folders.slice(0, 2).join('/') : outer;
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

/**
 * @param {string} file
 * @returns {string[]}
 */
function importsOf(file) {
  const { importedFiles } = ts.preProcessFile(readFileSync(join(ROOT, file), 'utf8'), true, true);
  return importedFiles
    .filter(({ fileName }) => fileName.startsWith('.'))
    .map(({ fileName }) => normalize(join(dirname(file), fileName)).replace(/\.js$/, '.ts'));
}

/**
 * @param {Graph} graph
 * @returns {string[][]} the cycles: groups of nodes that can all be reached from one another
 */
export function circlesIn(graph) {
  /** @type {Map<string, { index: number, low: number }>} */
  const seen = new Map();
  /** @type {string[]} */
  const path = [];
  /** @type {string[][]} */
  const circles = [];
  /** Tarjan's algorithm. @param {string} node */
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
  const floorOf = new Map(FLOORS.flatMap((rooms, floor) => rooms.map((room) => [room, floor])));
  const upwards = [];
  const across = [];
  for (const [file, others] of imports)
    for (const other of others) {
      const [room, otherRoom] = [roomOf(file), roomOf(other)];
      const [floor, otherFloor] = [floorOf.get(room), floorOf.get(otherRoom)];
      if (floor === undefined)
        throw new Error(`${room} is on no floor: add it to FLOORS in scripts/architecture.js`);
      if (room !== otherRoom && (otherFloor ?? Number.POSITIVE_INFINITY) >= floor)
        upwards.push(`${file} -> ${other}`);
      const [wing, otherWing] = [room, otherRoom].map((one) =>
        WINGS.find((name) => one.startsWith(`${name}/`)),
      );
      if (wing && otherWing && wing !== otherWing) across.push(`${file} -> ${other}`);
    }
  const named = [...imports.keys()].filter((file) => !isCommand(file));
  const names = [...new Set(named.map((file) => basename(file)))];
  const sameNames = names
    .map((name) => named.filter((file) => basename(file) === name))
    .filter((files) => files.length > 1);
  return { circles: circlesIn(imports), upwards, across, sameNames };
}

/** The file of a command is named after the command, so its name may occur elsewhere, too. @param {string} file */
const isCommand = (file) => file.startsWith('src/cli/commands/');

/**
 * @param {Graph} imports of files
 * @returns {Graph}
 */
export function roomsOf(imports) {
  /** @type {Map<string, Set<string>>} */
  const rooms = new Map();
  for (const [file, others] of imports) {
    const room = roomOf(file);
    const used = rooms.get(room) ?? new Set();
    rooms.set(room, used);
    for (const other of others) if (roomOf(other) !== room) used.add(roomOf(other));
  }
  return rooms;
}

/** The ground floor, which nearly every folder imports. */
const GROUND = ['src', 'json', 'cluster', 'src/index.ts'];

/**
 * Leaves out an arrow when a longer path leads to the same folder.
 *
 * @param {Graph} rooms
 * @returns {string} a Mermaid diagram
 */
export function drawRooms(rooms) {
  const shown = [...rooms.keys()].filter((room) => !GROUND.includes(room)).sort();
  const direct = new Map(
    shown.map((room) => [room, [...(rooms.get(room) ?? [])].filter((one) => shown.includes(one))]),
  );
  /** @type {(from: string, to: string) => boolean} */
  const leads = (from, to) => (direct.get(from) ?? []).some((next) => next === to || leads(next, to));
  const id = (/** @type {string} */ room) => room.replaceAll('/', '_');
  const wings = WINGS.map((wing) => {
    const inside = shown.filter((room) => room.startsWith(`${wing}/`));
    return [
      `  subgraph ${wing}`,
      ...inside.map((room) => `    ${id(room)}["${room.slice(wing.length + 1)}"]`),
      '  end',
    ];
  });
  const others = shown.filter((room) => !room.includes('/')).map((room) => `  ${room}["${room}"]`);
  const arrows = shown.flatMap((room) => {
    const used = direct.get(room) ?? [];
    return used
      .filter((one) => !used.some((other) => other !== one && leads(other, one)))
      .sort()
      .map((one) => `  ${id(room)} --> ${id(one)}`);
  });
  return ['```mermaid', 'flowchart TB', ...wings.flat(), ...others, ...arrows, '```'].join('\n');
}

const PAGE = join(ROOT, 'docs/architecture.md');
const DIAGRAM = /```mermaid\n[^`]*```/;

/** @returns {string} the diagram that is in docs/architecture.md now */
export const drawnRooms = () => DIAGRAM.exec(readFileSync(PAGE, 'utf8'))?.[0] ?? '';

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const imports = readImports();
  const rooms = roomsOf(imports);
  if (process.argv[2] === '--draw') {
    const page = readFileSync(PAGE, 'utf8');
    writeFileSync(
      PAGE,
      page.replace(DIAGRAM, () => drawRooms(rooms)),
    );
  } else {
    const { circles, upwards, across, sameNames } = findFaults(imports);
    const arrows = [...rooms.values()].reduce((sum, used) => sum + used.size, 0);
    console.log(
      `${imports.size} files in ${rooms.size} rooms on ${FLOORS.length} floors, ${arrows} arrows between rooms`,
    );
    for (const [title, found] of Object.entries({
      circles: circles.map((files) => files.join(', ')),
      'imports that run upwards': upwards,
      'imports between the wings': across,
      'file names used more than once': sameNames.map((files) => files.join(', ')),
    })) {
      console.log(`${found.length} ${title}`);
      for (const one of found) console.log(`  ${one}`);
      if (found.length > 0) process.exitCode = 1;
    }
  }
}
