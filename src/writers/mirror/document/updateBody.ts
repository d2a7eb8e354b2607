// Reads the body of an update: `doc`, `script`, `upsert` and their options.
import { isTwindexError } from '../../../errors.js';
import { JsonScanner } from '../../../json/jsonScanner.js';

export type WantedSource = 'none' | 'whole' | 'filtered';

export interface UpdateBody {
  readonly doc: Buffer | undefined;
  readonly upsert: Buffer | undefined;
  readonly script: boolean;
  readonly docAsUpsert: boolean;
  readonly scriptedUpsert: boolean;
  readonly detectNoop: boolean;
  /** How much of the document the answer should have, as `_source` says; undefined without `_source`. */
  readonly source: WantedSource | undefined;
  readonly sourceJson: string | undefined;
}

/** @returns undefined for a body that the engine will refuse */
export function readUpdateBody(body: Buffer | undefined): UpdateBody | undefined {
  if (!body) return undefined;
  try {
    const scanner = new JsonScanner(body);
    if (!scanner.enterObject()) return undefined;
    const members = new Map<string, Buffer>();
    for (let name = scanner.nextName(); name !== undefined; name = scanner.nextName())
      members.set(name, scanner.raw());
    const sourceJson = members.get('_source')?.toString();
    const isTrue = (name: string): boolean => /^"?true"?$/.test(members.get(name)?.toString() ?? '');
    return {
      doc: members.get('doc'),
      upsert: members.get('upsert'),
      script: members.has('script'),
      docAsUpsert: isTrue('doc_as_upsert'),
      scriptedUpsert: isTrue('scripted_upsert'),
      detectNoop: !members.has('detect_noop') || isTrue('detect_noop'),
      source: sourceOf(sourceJson),
      sourceJson,
    };
  } catch (error) {
    if (isTwindexError(error) || error instanceof SyntaxError) return undefined;
    throw error;
  }
}

const OF_UPSERTS = new Set(['upsert', 'doc_as_upsert', 'scripted_upsert']);

export function hasUpsert(body: Buffer | undefined): boolean {
  return body !== undefined && [...membersOf(body).keys()].some((name) => OF_UPSERTS.has(name));
}

/** Removes the upserts, since the engines refuse an upsert together with a condition (`if_seq_no`). */
export function withoutUpsert(body: Buffer): Buffer {
  if (!hasUpsert(body)) return body;
  const kept = [...membersOf(body)].filter(([name]) => !OF_UPSERTS.has(name));
  const pieces = kept.flatMap(([name, value], n) => [
    Buffer.from(`${n === 0 ? '' : ','}${JSON.stringify(name)}:`),
    value,
  ]);
  return Buffer.concat([Buffer.from('{'), ...pieces, Buffer.from('}')]);
}

function membersOf(body: Buffer): ReadonlyMap<string, Buffer> {
  const members = new Map<string, Buffer>();
  try {
    const scanner = new JsonScanner(body);
    if (!scanner.enterObject()) return members;
    for (let name = scanner.nextName(); name !== undefined; name = scanner.nextName())
      members.set(name, scanner.raw());
    return members;
  } catch (error) {
    if (isTwindexError(error) || error instanceof SyntaxError) return new Map();
    throw error;
  }
}

function sourceOf(json: string | undefined): WantedSource | undefined {
  if (json === undefined) return undefined;
  if (json === 'false') return 'none';
  return json === 'true' ? 'whole' : 'filtered';
}
