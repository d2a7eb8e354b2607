#!/usr/bin/env node
// The executable of `twindex`.
import { run } from './run.js';

// `twindex status | head -1` closes the pipe early, which is not an error
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit();
  throw error;
});

process.exitCode = await run(process.argv.slice(2));
