// `--route`, of `plan` and `migrate`.
import { Option } from 'commander';
import { ROUTES } from '../journal/record.js';

export function routeOption(): Option {
  return new Option('--route <route>', 'how the documents get there (default: chosen by the plan)').choices(
    ROUTES,
  );
}

function atLeastOne(text: string): number {
  if (/^[1-9]\d*$/.test(text)) return Number(text);
  throw new TwindexError('usage', `--at-once: "${text}" is not a whole number, 1 or more`);
}
