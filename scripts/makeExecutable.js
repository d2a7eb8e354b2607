// Sets the executable bit of dist/cli/main.js, which `npx twindex` in the checkout needs.
import { chmodSync } from 'node:fs';

chmodSync(new URL('../dist/cli/main.js', import.meta.url), 0o755);
