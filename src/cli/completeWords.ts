// Finds the words that may come next on a command line, for the scripts of `twindex completion`.
import type {
  ArgumentDescription,
  CommandDescription,
  CommandLineDescription,
  OptionDescription,
} from './commandDescription.js';

interface Candidate {
  readonly word: string;
  readonly description: string;
}

export interface Completion {
  readonly candidates: readonly Candidate[];
  /** Set if the word is the name of a file. The shell then completes the name without twindex. */
  readonly files?: true;
  /** Set if the word is the name of an index. The caller adds the names that the index files declare. */
  readonly indexes?: true;
}

const NOTHING: Completion = { candidates: [] };
const FILES: Completion = { candidates: [], files: true };

/** @param words the words after `twindex`; the last one is not complete, and may be empty */
export function completeWords({ commands }: CommandLineDescription, words: readonly string[]): Completion {
  const current = words.at(-1) ?? '';
  const before = words.slice(0, -1);
  const [name] = before;
  if (name === undefined) return { candidates: commandsAndFlags(commands, current) };
  const command = commands.find((one) => one.name === name);
  if (!command) return NOTHING;
  if (name === 'help') return before.length === 1 ? { candidates: commands.map(candidateOf) } : NOTHING;
  const { operands, open } = readWords(command, before.slice(1));
  const valued = /^(--[\w-]+)=/.exec(current);
  if (valued) return inOneWord(valued[1] as string, valuesOf(optionNamed(command, valued[1] as string)));
  if (current.startsWith('-')) return { candidates: unusedOptions(command, before) };
  if (open && open.value === 'required') {
    const values = valuesOf(open);
    // the user may have given all values of a variadic option, so the word may also be an argument
    return open.variadic
      ? { ...values, candidates: values.candidates.filter(({ word }) => !before.includes(word)) }
      : values;
  }
  return argumentAt(command, operands);
}

function commandsAndFlags(commands: readonly CommandDescription[], current: string): Candidate[] {
  if (!current.startsWith('-')) return commands.map(candidateOf);
  return [
    { word: '--help', description: 'show the help' },
    { word: '--version', description: 'print the version of twindex alone' },
  ];
}

const candidateOf = ({ name, summary }: CommandDescription): Candidate => ({
  word: name,
  description: summary,
});

interface Read {
  /** The arguments before the word that is to be completed. */
  readonly operands: readonly string[];
  /** The option whose value the word may be; undefined if the word cannot be a value of an option. */
  readonly open: OptionDescription | undefined;
}

function readWords(command: CommandDescription, words: readonly string[]): Read {
  const operands: string[] = [];
  let open: OptionDescription | undefined;
  for (const word of words) {
    // bash splits `--until=ready` into three words
    if (word === '=') continue;
    if (word.startsWith('--')) open = word.includes('=') ? undefined : optionNamed(command, word);
    else if (open && open.value === 'required') open = open.variadic ? open : undefined;
    else operands.push(word);
  }
  return { operands, open };
}

const longFlag = ({ flags }: OptionDescription): string => /--[\w-]+/.exec(flags)?.[0] ?? flags;

const optionNamed = ({ options }: CommandDescription, flag: string): OptionDescription | undefined =>
  options.find((option) => longFlag(option) === flag);

function unusedOptions({ options }: CommandDescription, before: readonly string[]): Candidate[] {
  return options
    .filter((option) => option.variadic || !before.includes(longFlag(option)))
    .map((option) => ({ word: longFlag(option), description: option.description }));
}

function valuesOf(option: OptionDescription | undefined): Completion {
  if (!option) return NOTHING;
  if (option.choices) return { candidates: option.choices.map((word) => ({ word, description: '' })) };
  return option.flags.endsWith('<file>') ? FILES : NOTHING;
}

/** For `--until=cut`: the shell replaces the whole word, so each candidate begins with `--until=`. */
function inOneWord(flag: string, values: Completion): Completion {
  return { ...values, candidates: values.candidates.map((one) => ({ ...one, word: `${flag}=${one.word}` })) };
}

function argumentAt(command: CommandDescription, operands: readonly string[]): Completion {
  const last = command.arguments.at(-1);
  const argument: ArgumentDescription | undefined =
    command.arguments[operands.length] ?? (last?.variadic ? last : undefined);
  if (!argument) return NOTHING;
  if (argument.choices) return { candidates: argument.choices.map((word) => ({ word, description: '' })) };
  return argument.name === 'name' || argument.name === 'names' ? { candidates: [], indexes: true } : NOTHING;
}
