// Types of JSON values.
import type { ExactNumber } from './exactJson.js';

/** A number is an ExactNumber if JavaScript would print it differently. */
export type Json =
  | null
  | boolean
  | number
  | ExactNumber
  | string
  | readonly Json[]
  | { readonly [key: string]: Json };
export type JsonObject = { readonly [key: string]: Json };

/** A document's `_source`, parsed. Integers beyond 2^53 are BigInt, so that no digit is lost. */
export type Source = Record<string, unknown>;
