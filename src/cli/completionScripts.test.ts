import { execFile } from 'node:child_process';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { COMPLETION_SCRIPTS, type Shell } from './completionScripts.js';

const run = promisify(execFile);

async function isInstalled(shell: string): Promise<boolean> {
  return await run(shell, ['-c', 'true']).then(
    () => true,
    () => false,
  );
}

/** How a shell that is not interactive is asked for the completions of `twindex` with some words. */
const ASK: Readonly<Record<Shell, (script: string, words: readonly string[]) => string>> = {
  bash: (script, words) =>
    `source ${script}; COMP_WORDS=(twindex ${words.map(quoted).join(' ')}); COMP_CWORD=${words.length}; ` +
    '_twindex; printf "%s\\n" "${COMPREPLY[@]}"',
  zsh: (script, words) =>
    `compdef() { :; }; _files() { print -l *; }; _describe() { print -l "\${(@P)2}"; }; source ${script}; ` +
    `words=(twindex ${words.map(quoted).join(' ')}); CURRENT=${words.length + 1}; _twindex`,
  fish: (script, words) => `source ${script}; complete -C ${quoted(`twindex ${words.join(' ')}`)}`,
};

const quoted = (word: string): string => `'${word}'`;

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'twindex-completion-'));
  // answers with its own arguments, so that the test sees which words the script passes on
  const program =
    '#!/bin/sh\ncase "$*" in *--out*) echo :files;; *) printf "%s\\t%s\\n" "plan" "the plan: all of it";' +
    ' n=0; for word in "$@"; do n=$((n+1)); printf "plan-$n<%s>\\tword\\n" "$word"; done;; esac\n';
  await writeFile(join(folder, 'twindex'), program);
  await chmod(join(folder, 'twindex'), 0o755);
  for (const [shell, script] of Object.entries(COMPLETION_SCRIPTS))
    await writeFile(join(folder, `completion.${shell}`), script);
  await writeFile(join(folder, 'a file'), '');
});

afterAll(async () => {
  await rm(folder, { recursive: true });
});

const shells = await Promise.all(
  (Object.keys(ASK) as Shell[]).map(async (shell) => ({ shell, isThere: await isInstalled(shell) })),
);

describe.each(shells.filter(({ isThere }) => isThere))('$shell', ({ shell }) => {
  async function complete(...words: string[]): Promise<string[]> {
    const path = `${folder}:${process.env['PATH']}`;
    const command = ASK[shell](`./completion.${shell}`, words);
    const { stdout } = await run(shell, ['-c', command], {
      cwd: folder,
      env: { ...process.env, PATH: path },
    });
    return stdout.split('\n').filter((line) => line !== '');
  }

  test.each([
    ['the first word', ['pl'], ['plan', 'plan-1<complete>', 'plan-2<-->', 'plan-3<pl>']],
    [
      'a later word',
      ['plan', 'pl'],
      ['plan', 'plan-1<complete>', 'plan-2<-->', 'plan-3<plan>', 'plan-4<pl>'],
    ],
  ])('asks twindex, with all words until the cursor: %s', async (_, words, expected) => {
    const found = (await complete(...words)).map((line) => line.split(/[\t:]/)[0] ?? '');
    // fish sorts them
    expect(found.sort()).toEqual(expected);
  });

  test('a word that has not begun is passed on, too', async () => {
    expect((await complete('plan', '')).join(' ')).toContain('plan-4<>');
  });

  test('completes names of files itself', async () => {
    expect((await complete('plan', '--out', 'a')).join(' ')).toMatch(/a( |\\ )file/);
  });
});

test('bash is there, so that at least one script has run', () => {
  expect(shells).toContainEqual({ shell: 'bash', isThere: true });
});
