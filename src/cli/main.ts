#!/usr/bin/env node
// The executable of `twindex`.
import { reportError, run } from './run.js';

const argv = process.argv.slice(2);

// `twindex status | head -1` closes the pipe early, which is not an error
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit();
  throw error;
});

// an exception outside of a command's promise: a bug
process.on('uncaughtException', (error) => {
  reportError(error, argv);
  process.exit(1);
});

process.exitCode = await run(argv);
