// The options of `twindex init`.
import type { IndexFileFormat } from '../schema/render.js';
import type { GlobalOptions } from './cli.js';

export interface InitFlags extends GlobalOptions {
  readonly url?: string;
  readonly caFile?: string;
  readonly name?: string;
  readonly format?: IndexFileFormat;
  readonly out?: string;
  readonly write?: boolean;
}
