// A request as the engine reads it, and the answers that it gives.
import type { HttpRequest } from '../world.js';
import { invalid } from './errors.js';

export interface Parsed {
  readonly method: string;
  readonly segments: readonly string[];
  readonly query: ReadonlyMap<string, string>;
  readonly body: Buffer | undefined;
}

export function parseRequest({ method, path, body }: HttpRequest): Parsed {
  const [where, search] = path.split('?', 2) as [string, string?];
  const segments = where
    .split('/')
    .filter((part) => part !== '')
    .map((part) => decodeURIComponent(part));
  return { method, segments, query: new Map(new URLSearchParams(search)), body };
}

/** @throws EngineError 400 */
export function jsonBody(body: Buffer | undefined): Record<string, unknown> {
  if (!body || body.length === 0) return {};
  try {
    return JSON.parse(body.toString()) as Record<string, unknown>;
  } catch {
    throw invalid('request body is not JSON', 'parse_exception');
  }
}

export interface EngineAnswer {
  readonly status: number;
  /** An object, or JSON as text: versions have more digits than a number can hold. */
  readonly body: object | string;
}

/** True for `?flag` and `?flag=true`. */
export function isSet(query: ReadonlyMap<string, string>, name: string): boolean {
  const value = query.get(name);
  return value === '' || value === 'true';
}
