#!/usr/bin/env node
// The executable of `twindex`.
import module from 'node:module';
import { EXIT } from './exitCode.js';
import { invocationOf } from './invocation.js';

// Keeps the compiled code for the next start, in Node 22.1 and later.
(module as { enableCompileCache?: () => void }).enableCompileCache?.();

// `twindex status | head -1` closes the pipe early, which is not an error
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit();
  throw error;
});

const { argv, env, platform } = process;
// Imported only now, so that the cache contains this module.
const { reportError, run } = await import('./run.js');

// an exception that no command has caught is a bug
process.on('uncaughtException', (error) => {
  reportError(error, argv.slice(2));
  process.exit(1);
});

const exitCode = await run(
  argv.slice(2),
  undefined,
  undefined,
  invocationOf({ argv, env, platform, cwd: process.cwd() }),
);
process.exitCode = exitCode;
// a timer or socket of the user's transform would keep the process alive, although it was asked to end
if (exitCode === EXIT.interrupted) process.exit();
