#!/usr/bin/env node
// The executable of `twindex`.
import module from 'node:module';
import { invocationOf } from './invocation.js';

// Keeps the compiled code for the next start, where Node can (22.1 and later).
(module as { enableCompileCache?: () => void }).enableCompileCache?.();

// `twindex status | head -1` closes the pipe early, which is not an error
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit();
  throw error;
});

// Imported only now, so that the cache knows it.
const { run } = await import('./run.js');
const { argv, env, platform } = process;
process.exitCode = await run(
  argv.slice(2),
  undefined,
  undefined,
  invocationOf({ argv, env, platform, cwd: process.cwd() }),
);
