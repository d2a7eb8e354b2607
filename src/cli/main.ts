#!/usr/bin/env node
// The executable of `twindex`.
import module from 'node:module';
import { EXIT } from './exitCode.js';
import { invocationOf } from './invocation.js';

// Keeps the compiled code for the next start, where Node can (22.1 and later).
(module as { enableCompileCache?: () => void }).enableCompileCache?.();

// `twindex status | head -1` closes the pipe early, which is not an error
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit();
  throw error;
});

const { argv, env, platform } = process;
// Imported only now, so that the cache knows it.
const { reportError, run } = await import('./run.js');

// an exception outside of a command's promise: a bug
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
// What a transform still waits for (a timer, a socket) would keep a process alive that was asked to end.
if (exitCode === EXIT.interrupted) process.exit();
