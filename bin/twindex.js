#!/usr/bin/env node
// Starts the command line. In a checkout that is not built yet, builds it first.
import { existsSync } from 'node:fs';

const main = new URL('../dist/cli/main.js', import.meta.url);
if (!existsSync(main)) {
  const { build } = await import('../scripts/prepare.js');
  build();
}
await import(main.href);
