// `npx twindex` in the checkout runs dist/cli/main.js itself, which tsc writes without the executable bit.
import { chmodSync } from 'node:fs';

chmodSync(new URL('../dist/cli/main.js', import.meta.url), 0o755);
