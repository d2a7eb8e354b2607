// `npm run bench:verify`: measures `twindex verify` in rounds, both by the versions and by the content of
// documents, relative to the copy of the same migration. Writes the medians into RESULTS.md.
import { once } from 'node:events';
import { Command } from 'commander';
import { startEngine } from '../src/localEngine/startEngine.js';
import { handOver } from './ratios.js';
import { circumstances, median, table, writePart } from './results.js';
import type { Project } from './project.js';
import { createSmallProject, reached } from './smallProject.js';

interface Flags {
  readonly documents: number;
  readonly shards: number;
  readonly rounds: number;
  readonly engine: string;
  readonly dry?: true;
}

/** Durations in seconds. */
interface Took {
  readonly copy: number;
  readonly stamps: number;
  readonly content: number;
}

const ROUTES = {
  client: undefined,
  'client + transform': '{ up: (doc) => ({ ...doc, stock: doc.stock + 1 }) }',
};

const flags = new Command('bench:verify')
  .option('--documents <n>', 'documents of the index', Number, 250_000)
  .option('--shards <n>', 'shards of both indexes', Number, 1)
  .option('--rounds <n>', 'rounds', Number, 3)
  .option('--engine <engine>', 'the engine to start', 'opensearch@3.8.0')
  .option('--dry', 'leave RESULTS.md as it is')
  .parse()
  .opts<Flags>();
const engine = await startEngine(flags.engine, { onNote: (text) => console.error(text) });
const took = new Map<string, Took[]>();
try {
  for (let round = 1; round <= flags.rounds; round++)
    for (const [route, migration] of Object.entries(ROUTES)) {
      const one = await measure(`bench-verify-${round}-${route.length}`, migration);
      console.error(`${round}/${flags.rounds} ${route}: ${JSON.stringify(one)}`);
      took.set(route, [...(took.get(route) ?? []), one]);
    }
} finally {
  await engine.stop();
}
const rows = [...took].map(([route, all]) => {
  const of = (pick: (one: Took) => number): number => median(all.map(pick));
  return [
    route,
    of(({ copy }) => copy).toFixed(1),
    of(({ stamps }) => stamps).toFixed(1),
    of(({ content }) => content).toFixed(1),
    of(({ copy, stamps }) => copy / stamps).toFixed(2),
    of(({ copy, content }) => copy / content).toFixed(2),
  ];
});
const text = [
  circumstances('npm run bench:verify', `${engine.name} ${engine.version}, 1 node, 1 GiB heap`),
  `- ${flags.documents.toLocaleString('en')} documents of about 100 bytes, ${flags.shards} shard(s); ${flags.rounds} round(s), medians`,
  '',
  table(['route', 'copy, s', 'stamps, s', 'content, s', 'copy / stamps', 'copy / content'], rows),
].join('\n');
console.log(text);
handOver(
  Object.fromEntries(
    [...took].flatMap(([route, all]) => [
      [`verification by stamps / copy, ${route}`, median(all.map(({ stamps, copy }) => stamps / copy))],
      [`verification by content / copy, ${route}`, median(all.map(({ content, copy }) => content / copy))],
    ]),
  ),
);
if (!flags.dry) writePart('verify', text);

async function measure(name: string, migration: string | undefined): Promise<Took> {
  const { documents, shards } = flags;
  const price = 'text';
  const project = await createSmallProject({
    nodes: engine.urls,
    name,
    documents,
    shards,
    price,
    migration,
  });
  try {
    const options = ['--route', 'client', '--yes', '--until', 'ready', '--no-stay', '--no-throttle'];
    const coordinator = project.start(['migrate', name, ...options, '--grace', '2s']);
    const began = await reached(coordinator, 'copy');
    const copy = ((await reached(coordinator, 'restoring')) - began) / 1_000;
    coordinator.stdout?.resume();
    const [code] = (await once(coordinator, 'close')) as [number | null];
    if (code !== 0) throw new Error(`migrate ended with ${code}`);
    return { copy, stamps: await verify(project, 'stamps'), content: await verify(project, 'content') };
  } finally {
    project.remove();
  }
}

/** The duration of the comparison itself, as the command reports it. */
async function verify(project: Project, level: 'stamps' | 'content'): Promise<number> {
  const child = project.start(['verify', project.name, '--level', level]);
  let output = '';
  child.stdout?.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const [code] = (await once(child, 'close')) as [number | null];
  const said = output.trim().split('\n').at(-1) ?? '{}';
  if (code !== 0) throw new Error(`verify ended with ${code}: ${said}`);
  return (JSON.parse(said) as { tookMs: number }).tookMs / 1_000;
}
