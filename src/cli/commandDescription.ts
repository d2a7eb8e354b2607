// Types and reader of schemas/commands.json, which describes all commands. `npm run docs:commands` writes this file.
import { readFileSync } from 'node:fs';
import { packageFile } from '../packageFile.js';

export interface OptionDescription {
  /** As in the help: `--until <phase>`. */
  readonly flags: string;
  readonly description: string;
  readonly value: 'none' | 'required' | 'optional';
  /** Several values may follow the option. */
  readonly variadic: boolean;
  readonly choices?: readonly string[];
  /** As a user would write the value. */
  readonly default?: string;
  readonly env?: string;
}

export interface ArgumentDescription {
  readonly name: string;
  readonly required: boolean;
  readonly variadic: boolean;
  readonly choices?: readonly string[];
}

export interface CommandDescription {
  readonly name: string;
  readonly usage: string;
  readonly summary: string;
  readonly group: string;
  readonly arguments: readonly ArgumentDescription[];
  readonly options: readonly OptionDescription[];
  readonly examples: readonly { readonly run: string; readonly does: string }[];
}

export interface CommandLineDescription {
  readonly format: 'twindex-commands-1';
  readonly commands: readonly CommandDescription[];
  readonly exitCodes: readonly { readonly code: number; readonly meaning: string }[];
}

/** Reads the file, since to load all commands instead would take too long for a completion at TAB. */
export function readDescription(): CommandLineDescription {
  return JSON.parse(readFileSync(packageFile('schemas/commands.json'), 'utf8')) as CommandLineDescription;
}
