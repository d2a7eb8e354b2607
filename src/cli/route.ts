// The option `--route`, of `plan` and `migrate`.
import { Option } from 'commander';
import { ROUTES } from '../protocol/record.js';

export function routeOption(): Option {
  return new Option('--route <route>', 'how documents are copied (default: chosen by the plan)').choices(
    ROUTES,
  );
}
