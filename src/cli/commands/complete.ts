// `twindex complete -- WORDS...`: prints the words that may come next, for the scripts of `twindex completion`.
import type { Command } from 'commander';
import { print } from '../../terminal.js';
import type { Cli } from '../cli.js';
import { readDescription } from '../commandDescription.js';
import { completeWords } from '../completeWords.js';
import { EXIT, type ExitCode } from '../exitCode.js';

/** This line asks the shell to complete the name of a file. */
const FILES = ':files';

export function registerComplete(command: Command, cli: Cli): void {
  command.action(cli.action((words: string[]) => complete(words, cli)));
}

async function complete(words: readonly string[], { io }: Cli): Promise<ExitCode> {
  const { candidates, files, indexes } = completeWords(readDescription(), words);
  const lines = candidates.map(({ word, description }) => `${word}\t${description}`);
  if (indexes) lines.push(...(await indexNames(words)));
  if (files) lines.push(FILES);
  // bash does not filter the candidates itself, so print only those that continue the current word
  const current = words.at(-1) ?? '';
  const fitting = lines.filter((line) => line === FILES || line.startsWith(current));
  if (fitting.length > 0) print(io, fitting.join('\n'));
  return EXIT.done;
}

/**
 * The declared names. None if the configuration is broken, because nobody wants an error while pressing TAB.
 */
async function indexNames(words: readonly string[]): Promise<readonly string[]> {
  const { loadConfig } = await import('../../schema/load.js');
  const config = words.indexOf('--config');
  try {
    const file = config < 0 ? undefined : words[config + 1];
    const { indexes } = await loadConfig({ file, cwd: process.cwd(), env: process.env });
    return indexes.map(({ name }) => name).filter((name) => !words.slice(0, -1).includes(name));
  } catch {
    return [];
  }
}
