#!/usr/bin/env node
// The executable.
import { run } from './run.js';

// `twindex status | head -1`: the reader has gone, which is no failure of ours
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit();
  throw error;
});

process.exitCode = await run(process.argv.slice(2));
