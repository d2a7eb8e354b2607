// Sets the executable bit of dist/cli/main.js for `npx twindex` in the checkout, since tsc does not set it.
import { chmodSync } from 'node:fs';

chmodSync(new URL('../dist/cli/main.js', import.meta.url), 0o755);
