// Sets the executable bit of dist/cli/main.js, which tsc does not set and `npx twindex` in the checkout needs.
import { chmodSync } from 'node:fs';

chmodSync(new URL('../dist/cli/main.js', import.meta.url), 0o755);
