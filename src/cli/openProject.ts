// Opens the project of `--config` or of the current folder, for all commands that need the cluster.
import { openProject, type Project, type ProjectOptions, type Tell } from '../api/project.js';
import { forUser } from '../terminal.js';
import { loadConfig } from '../schema/load.js';
import type { Cli, GlobalOptions } from './cli.js';

/** Runs the body of a command with the project, and closes the connection afterwards. */
export async function withProject<T>(
  { config: file }: GlobalOptions,
  body: (project: Project) => Promise<T>,
  options: ProjectOptions = {},
): Promise<T> {
  const project = await openProject(
    (withIndexes) => loadConfig({ file, cwd: process.cwd(), env: process.env, withIndexes }),
    options,
  );
  try {
    return await body(project);
  } finally {
    await project.cluster.close();
  }
}

/** For commands that work even if the source cluster cannot be reached. Then only requests to this cluster fail. */
export const withSourceMaybeAway = <T>(
  options: GlobalOptions,
  body: (project: Project) => Promise<T>,
  { indexes = 'now' }: Pick<ProjectOptions, 'indexes'> = {},
): Promise<T> => withProject(options, body, { source: 'mayBeAway', indexes });

/** For commands that only need the journal. They work even if an index file is invalid. */
export const withJournal = <T>(
  options: GlobalOptions,
  body: (project: Project) => Promise<T>,
  { patience = {} }: Pick<ProjectOptions, 'patience'> = {},
): Promise<T> => withProject(options, body, { source: 'unneeded', indexes: 'later', patience });

export const tellOnStderr =
  ({ io }: Cli): Tell =>
  (note) =>
    io.stderr.write(`${forUser(io, note)}\n`);
