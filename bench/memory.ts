// `npm run bench:memory`: measures the resident memory of `twindex migrate` over a migration of small
// documents up to `ready`: back-fill, comparison of ids, verification.
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { Command } from 'commander';
import { startEngine } from '../src/localEngine/startEngine.js';
import { wholeNumber } from './flags.js';
import { residentMb } from './proc.js';
import { circumstances, median, table, writePart } from './results.js';
import { onEvent, type Project, type ProgressEvent } from './project.js';
import { createSmallProject } from './smallProject.js';

interface Flags {
  readonly documents: number;
  readonly shards: number;
  readonly transform?: true;
  readonly engine: string;
  readonly dry?: true;
}

interface Sample {
  readonly rssMb: number;
  /** The task of the process, from its last progress event. */
  readonly task: string;
}

const SAMPLE_MS = 200;
const MIGRATION =
  "{ up: (doc) => ({ ...doc, price: Number.parseFloat(doc.price.replace(',', '.')) }), down: (doc) => ({ ...doc, price: String(doc.price).replace('.', ',') + '0 EUR' }) }";

const program = new Command('bench:memory')
  .option('--documents <n>', 'documents of the index', wholeNumber, 1_000_000)
  .option('--shards <n>', 'shards of both indexes', wholeNumber, 1)
  .option('--transform', 'with a transform')
  .option('--engine <engine>', 'the engine to start', 'opensearch@3.8.0')
  .option('--dry', 'leave RESULTS.md as it is')
  .parse();
await run(program.opts<Flags>());

async function run(flags: Flags): Promise<void> {
  const engine = await startEngine(flags.engine, { onNote: (text) => console.error(text) });
  try {
    console.error(`loading ${flags.documents} documents`);
    const project = await createSmallProject({
      nodes: engine.urls,
      name: 'bench-memory',
      documents: flags.documents,
      shards: flags.shards,
      price: flags.transform ? 'double' : 'text',
      migration: flags.transform ? MIGRATION : undefined,
    });
    console.error('migrating');
    const began = performance.now();
    const samples = await migrate(project).finally(() => project.remove());
    const seconds = (performance.now() - began) / 1_000;
    const kind = `${flags.documents.toLocaleString('en')} documents of about 100 bytes, ${flags.shards} shard(s), ${flags.transform ? 'with' : 'without'} a transform`;
    const text = [
      circumstances(commandLine(), `${engine.name} ${engine.version}, 1 node, 1 GiB heap`),
      `- ${kind}; ${seconds.toFixed(0)} s, ${samples.length} samples of VmRSS, one every ${SAMPLE_MS} ms`,
      `- **peak: ${Math.max(...samples.map(({ rssMb }) => rssMb)).toFixed(0)} MiB**`,
      '',
      summary(samples),
    ].join('\n');
    console.log(text);
    if (!flags.dry) writePart('memory', text);
  } finally {
    await engine.stop();
  }
}

/** Runs `migrate --until ready` to its end. */
async function migrate(project: Project): Promise<Sample[]> {
  const flags = ['--yes', '--until', 'ready', '--no-stay', '--grace', '2s'];
  const child = project.start(['migrate', project.name, ...flags]);
  const ended = once(child, 'close') as Promise<[number | null]>;
  const over = ended.then(() => true);
  let task = 'start';
  onEvent(child, (event) => {
    task = taskOf(event) ?? task;
  });
  const samples: Sample[] = [];
  do {
    const rssMb = residentMb(child.pid as number, 'VmRSS');
    if (rssMb !== undefined) samples.push({ rssMb, task });
  } while (!(await Promise.race([over, sleep(SAMPLE_MS, false)])));
  const [code] = await ended;
  if (code !== 0) throw new Error(`migrate ended with ${code}`);
  return samples;
}

function taskOf(event: ProgressEvent): string | undefined {
  if (event.event === 'progress') return event.task;
  return event.event === 'state' ? event.to : undefined;
}

/** The median of each tenth of the run, which shows whether memory grows. */
function summary(samples: readonly Sample[]): string {
  const tenths = Array.from({ length: 10 }, (_, n) =>
    samples.slice(Math.floor((n * samples.length) / 10), Math.floor(((n + 1) * samples.length) / 10)),
  );
  const rows = tenths.map((part, n) => [
    String(n + 1),
    median(part.map(({ rssMb }) => rssMb)).toFixed(0),
    Math.max(0, ...part.map(({ rssMb }) => rssMb)).toFixed(0),
    [...new Set(part.map(({ task }) => task))].join(', '),
  ]);
  return table(['tenth of the run', 'median MiB', 'peak MiB', 'doing'], rows);
}

function commandLine(): string {
  const more = process.argv.slice(2);
  return more.length === 0 ? 'npm run bench:memory' : `npm run bench:memory -- ${more.join(' ')}`;
}
