// `npm run bench`: copies indexes of a real data set in several ways, and writes medians and ratios into
// RESULTS.md, by the number of documents. It starts its own engine, so that CPU time can be measured.
import { Command } from 'commander';
import { type Cluster, connect } from '../src/cluster/cluster.js';
import { startEngine } from '../src/localEngine/startEngine.js';
import { wholeNumber } from './flags.js';
import { measureAll } from './copying.js';
import { summary } from './copyingSummary.js';
import { type DataSet, meanBytes } from './dataSet.js';
import { obtainDebianPackages } from './debianPackages.js';
import { cpuSecondsOfTree } from './proc.js';
import { circumstances, hasPart, writePart } from './results.js';
import type { Way } from './way.js';
import { WAYS } from './ways.js';

interface Flags {
  readonly documents: readonly number[];
  readonly shards: readonly number[];
  readonly rounds: number;
  readonly only?: readonly string[];
  readonly engine: string;
  readonly dry?: true;
}

const program = new Command('bench')
  .option('--documents <n,...>', 'documents to copy', wholeNumbers, [250_000, 1_000_000])
  .option('--shards <n,...>', 'shards of source and target', wholeNumbers, [1, 3])
  .option('--rounds <n>', 'rounds', wholeNumber, 3)
  .option('--only <text...>', 'only the ways whose name begins with one of these texts')
  .option('--engine <engine>', 'the engine to start', 'opensearch@3.8.0')
  .option('--dry', 'leave RESULTS.md as it is')
  .parse();
await run(program.opts<Flags>());

function partOf(documents: number): string {
  return `copying ${documents}`;
}

async function run(flags: Flags): Promise<void> {
  const unknown = flags.documents.find((documents) => !flags.dry && !hasPart(partOf(documents)));
  if (unknown !== undefined)
    throw new Error(`RESULTS.md has no place for ${unknown} documents: add --dry, or the markers`);
  const onNote = (text: string): void => console.error(text);
  const dataSet = await obtainDebianPackages(onNote);
  const engine = await startEngine(flags.engine, { onNote });
  const cluster = await connect({ nodes: engine.urls });
  try {
    const { ways, notes } = await choose(cluster, flags);
    for (const documents of flags.documents) {
      const tables: string[] = [];
      for (const shards of flags.shards) {
        const measurements = await measureAll({
          cluster,
          url: engine.urls[0] as string,
          engineCpu: () => engine.nodes.reduce((sum, { pid }) => sum + (pid ? cpuSecondsOfTree(pid) : 0), 0),
          dataSet,
          ways,
          documents,
          shards,
          rounds: flags.rounds,
        });
        if (measurements.failures.length > 0) process.exitCode = 1;
        const title = `${whole(documents)} documents, ${shards} shard${shards === 1 ? '' : 's'}`;
        tables.push(`**${title}**\n\n${summary(ways, measurements, documents)}`);
      }
      const text = [
        circumstances(commandLine(), `${engine.name} ${engine.version}, 1 node, 1 GiB heap, no replica`),
        await described(dataSet, documents),
        `- ${flags.rounds} round(s); medians, in brackets lowest to highest`,
        ...notes.map((note) => `- ${note}`),
        '',
        tables.join('\n\n'),
      ].join('\n');
      console.log(text);
      if (!flags.dry) writePart(partOf(documents), text);
    }
  } finally {
    await cluster.close();
    await engine.stop();
  }
}

async function choose(
  cluster: Cluster,
  { only }: Flags,
): Promise<{ readonly ways: readonly Way[]; readonly notes: readonly string[] }> {
  const ways: Way[] = [];
  const left = new Map<string, string[]>();
  for (const way of WAYS) {
    if (only && !only.some((begin) => way.name.startsWith(begin))) continue;
    const obstacle = await way.obstacle?.(cluster);
    if (obstacle === undefined) ways.push(way);
    else left.set(obstacle, [...(left.get(obstacle) ?? []), way.name]);
  }
  const notes = [...left].map(([obstacle, names]) => `without ${names.join(', ')}: ${obstacle}`);
  for (const note of notes) console.error(note);
  return { ways, notes };
}

async function described(dataSet: DataSet, documents: number): Promise<string> {
  const { name, version, licence } = dataSet;
  const some = whole(await meanBytes(dataSet.file, documents));
  return [
    `- data: ${name}: ${version}; ${licence}`,
    `- the first ${whole(documents)} of its ${whole(dataSet.documents)} documents, of ${some} bytes on average (all: ${whole(dataSet.bytes / dataSet.documents)})`,
  ].join('\n');
}

function whole(value: number): string {
  return Math.round(value).toLocaleString('en');
}

function commandLine(): string {
  const more = process.argv.slice(2);
  return more.length === 0 ? 'npm run bench' : `npm run bench -- ${more.join(' ')}`;
}

function wholeNumbers(text: string): number[] {
  return text.split(',').map(wholeNumber);
}
