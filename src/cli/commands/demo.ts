// `twindex demo`: starts a real engine with a catalogue, readers and writers, and migrates the catalogue.
import { once } from 'node:events';
import { type Command, InvalidArgumentError } from 'commander';
import type { Cli } from '../cli.js';
import { print } from '../../terminal.js';
import { EXIT, type ExitCode } from '../exitCode.js';

interface DemoFlags {
  readonly engine?: string;
  readonly documents: number;
  readonly seconds: number;
  readonly rate: number;
  readonly name: string;
  readonly stay?: boolean;
  readonly gateways: boolean;
  readonly json?: boolean;
}

export function registerDemo(command: Command, cli: Cli): void {
  command
    .option(
      '--engine <engine>',
      'opensearch@3.8.0, elasticsearch@9.2.0, ... (set TWINDEX_URL to use a running cluster)',
    )
    .option('--documents <n>', 'products in the catalogue', wholeNumber(1_000, 900_000), 50_000)
    .option(
      '--seconds <n>',
      'how long the application runs before the migration, and again after each phase',
      wholeNumber(0, 86_400),
      4,
    )
    .option(
      '--rate <n>',
      'requests per second of all readers and writers together',
      wholeNumber(8, 2_000),
      60,
    )
    .option('--name <name>', 'name of the index', 'catalogue')
    .option('--no-gateways', 'writers write directly to the engine, and twindex follows')
    .option('--stay', 'keep the engine and the indexes until Ctrl-C')
    .action(cli.action((flags: DemoFlags) => demo(flags, cli)));
}

async function demo(flags: DemoFlags, { io, signal }: Cli): Promise<ExitCode> {
  const json = flags.json ?? false;
  const [{ runDemo }, { createView }, { evidenceText }] = await Promise.all([
    import('../../demo/runDemo.js'),
    import('../../demo/view.js'),
    import('../../demo/evidenceText.js'),
  ]);
  const view = createView(io, json);
  let ok = false;
  try {
    await runDemo({
      engine: flags.engine,
      name: flags.name,
      documents: flags.documents,
      seconds: flags.seconds,
      rate: flags.rate,
      keep: flags.stay ?? false,
      gateways: flags.gateways,
      signal,
      view,
      async onEvidence(evidence, urls) {
        ok = evidence.ok;
        view.stop();
        print(io, json ? JSON.stringify(evidence) : evidenceText(evidence));
        if (!flags.stay) return;
        io.stderr.write(
          `the engine keeps running at ${urls.join(' ')} with ${flags.name}-v2; Ctrl-C stops the engine\n`,
        );
        const alive = setInterval(() => {}, 1 << 30);
        if (!signal.aborted) await once(signal, 'abort');
        clearInterval(alive);
      },
    });
  } finally {
    view.stop();
  }
  return ok ? EXIT.done : EXIT.failed;
}

function wholeNumber(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (Number.isInteger(value) && value >= min && value <= max) return value;
    throw new InvalidArgumentError(`Use a whole number from ${min} to ${max}.`);
  };
}
