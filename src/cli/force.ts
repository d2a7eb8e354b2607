import { Option } from 'commander';
import { THRESHOLDS } from '../schema/acceptance.js';

/** The option `--force` of `migrate`, `cutover`, `switch` and `finalize`. */
export function forceOption(): Option {
  return new Option(
    '--force <threshold...>',
    'continue although this threshold of `acceptance` does not hold',
  ).choices(Object.keys(THRESHOLDS));
}
