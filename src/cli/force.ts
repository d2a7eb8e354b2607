import { Option } from 'commander';
import { BUDGETS } from '../schema/happy.js';

/** Of `migrate`, `cutover`, `switch` and `finalize`. */
export function forceOption(): Option {
  return new Option('--force <budget...>', 'go on although this bound of `happy` is not kept').choices(
    Object.keys(BUDGETS),
  );
}
