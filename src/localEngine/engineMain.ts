#!/usr/bin/env node
// `npm run engine -- opensearch@3.8.0 --nodes 3`: starts an engine for trying things out, until Ctrl-C.
import { Command, InvalidArgumentError } from 'commander';
import { isTwindexError, messageOf } from '../errors.js';
import { startEngine } from './startEngine.js';

interface Flags {
  readonly nodes?: number;
  readonly heap?: number;
  readonly set?: Record<string, string>;
}

const program = new Command('engine')
  .description('Starts an empty OpenSearch or Elasticsearch. Ctrl-C stops it and removes its data.')
  .argument('[engine]', 'opensearch or elasticsearch, with or without a version', 'opensearch')
  .option('--nodes <1-3>', 'nodes of the cluster', toNumber)
  .option('--heap <mib>', 'heap of each node', toNumber)
  .option('--set <key=value>', 'a setting of the nodes (repeatable)', addSetting)
  .action(run);

await program.parseAsync();

async function run(spec: string, flags: Flags): Promise<void> {
  const interrupt = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => interrupt.abort(new Error(`interrupted by ${signal}`)));
  }
  try {
    const engine = await startEngine(spec, {
      nodes: flags.nodes,
      heapMb: flags.heap,
      settings: flags.set,
      signal: interrupt.signal,
      onNote: (text) => console.error(text),
    });
    console.log(`${engine.name} ${engine.version} is ready: ${engine.urls.join(' ')}`);
    console.error('Ctrl-C stops it and removes its data.');
    await untilAborted(interrupt.signal);
    console.error('stopping');
    await engine.stop();
  } catch (error) {
    if (interrupt.signal.aborted) {
      process.exitCode = 130;
      return;
    }
    console.error(
      isTwindexError(error) ? error.message : error instanceof Error ? error.stack : messageOf(error),
    );
    process.exitCode = 1;
  }
}

/** Keeps the process alive with a timer, since it has no other open handle. */
async function untilAborted(signal: AbortSignal): Promise<void> {
  const alive = setInterval(() => {}, 1 << 30);
  await new Promise<void>((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
  clearInterval(alive);
}

function toNumber(text: string): number {
  const number = Number(text);
  if (!Number.isInteger(number)) throw new InvalidArgumentError('Use a whole number.');
  return number;
}

function addSetting(text: string, before: Record<string, string> = {}): Record<string, string> {
  const [key = '', ...value] = text.split('=');
  if (!key || value.length === 0) throw new InvalidArgumentError('Give key=value.');
  return { ...before, [key]: value.join('=') };
}
