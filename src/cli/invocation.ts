// How the user has called twindex, so that messages show commands which work when they are copied.
import { basename, delimiter, dirname, relative, sep } from 'node:path';

export interface StartedProcess {
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  readonly platform: string;
}

const NAME = 'twindex';
/** The end of the path of an installed twindex, as the start scripts of package managers on Windows call it. */
const INSTALLED = ['node_modules', NAME, 'bin', `${NAME}.js`].join(sep);

/**
 * Package managers by the beginning of `npm_config_user_agent`, which they set for the programs that they
 * start.
 */
const RUNNERS: readonly (readonly [agent: string, command: string])[] = [
  ['pnpm/', `pnpm exec ${NAME}`],
  ['yarn/', `yarn ${NAME}`],
  ['bun/', `bunx ${NAME}`],
  ['npm/', `npx ${NAME}`],
];

/**
 * @returns the command as the user calls it, for example `npx twindex`, `twindex`, `node dist/cli/main.js`
 */
export function invocationOf({ argv, env, cwd, platform }: StartedProcess): string {
  const file = argv[1];
  if (file === undefined) return NAME;
  const isInstalled = file.endsWith(INSTALLED);
  if (basename(file) !== NAME && !isInstalled) return `node ${shown(file, cwd)}`;
  const agent = env['npm_config_user_agent'] ?? '';
  const runner = RUNNERS.find(([begins]) => agent.startsWith(begins));
  if (runner) return runner[1];
  if (isInstalled) return platform === 'win32' ? NAME : `node ${shown(file, cwd)}`;
  const isOnPath = (env['PATH'] ?? '').split(delimiter).includes(dirname(file));
  return isOnPath ? NAME : shown(file, cwd);
}

/**
 * The shorter one of the relative and the absolute path. It contains a separator, so that a shell takes it as
 * a path.
 */
function shown(file: string, cwd: string): string {
  const near = relative(cwd, file);
  const path = near.length < file.length ? near : file;
  const asPath = path.includes(sep) ? path : `.${sep}${path}`;
  return /^[\w./\\:@+-]+$/.test(asPath) ? asPath : `"${asPath}"`;
}

/**
 * Messages name commands as `twindex status books`, even messages from the journal. This function shows these
 * commands as the user called twindex: `npx twindex status books`. Other mentions of twindex do not change.
 */
export function asCalled(text: string, invocation: string, commands: readonly string[]): string {
  if (invocation === NAME || !text.includes(NAME)) return text;
  const called = new RegExp(
    String.raw`(?<![\w./@-]|npx )${NAME}(?=\s+(?:${commands.join('|')}|--help)(?![\w-]))`,
    'g',
  );
  return text.replace(called, () => invocation);
}
