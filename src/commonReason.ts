// Removes ids and values from the reasons of refused documents, and counts equal reasons. Pure.
import { number } from './words.js';

const MAX_LENGTH = 300;
const IDS_SHOWN = 3;
const REASONS_SHOWN = 10;

/** Documents that were refused for the same reason. */
export interface RejectedFor {
  /** The reason without ids, positions and values. */
  readonly reason: string;
  readonly count: number;
  /** The ids of the first three documents. */
  readonly ids: readonly string[];
}

export class ReasonTally {
  readonly #reasons = new Map<string, { count: number; readonly ids: string[] }>();

  add(reason: string, id: string): void {
    const common = commonReason(reason, id);
    const known = this.#reasons.get(common) ?? { count: 0, ids: [] };
    this.#reasons.set(common, known);
    known.count++;
    if (known.ids.length < IDS_SHOWN) known.ids.push(id);
  }

  /** The ten most frequent reasons, the most frequent first. */
  get most(): RejectedFor[] {
    return [...this.#reasons]
      .map(([reason, { count, ids }]) => ({ reason, count, ids }))
      .sort((a, b) => b.count - a.count)
      .slice(0, REASONS_SHOWN);
  }
}

/** One line for each reason. @param total the number of all refused documents */
export function reasonLines(reasons: readonly RejectedFor[], total: number): string[] {
  const lines = reasons.map(({ reason, count, ids }) => {
    const more = count > ids.length ? ', ...' : '';
    return `${number(count)} x ${printable(reason)} (document ${ids.map(idText).join(', ')}${more})`;
  });
  const others = total - reasons.reduce((sum, { count }) => sum + count, 0);
  return others > 0 ? [...lines, `${number(others)} x for other reasons`] : lines;
}

const MAX_ID = 60;

/** The id in a printable form, since an id may be any text. */
export function idText(id: string): string {
  return cut(/^[\w.:@+-]+$/.test(id) ? id : printable(JSON.stringify(id)), MAX_ID);
}

export function cut(text: string, length: number): string {
  return text.length > length ? `${text.slice(0, length)}…` : text;
}

/** Replaces control characters, so that the content of a document cannot steer the user's terminal. */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\u202a-\u202e\u2066-\u2069]/gu, '�');
}

/** @param reason as the engine or the transform gave it for the document with this id */
export function commonReason(reason: string, id: string): string {
  const text = firstLine(reason)
    .replaceAll(` for document ${id}:`, ':')
    .replaceAll(` for document ${id}.`, '.')
    .replaceAll(`/[${id}]`, '/[…]')
    .replace(WHERE_AND_WHAT, '')
    .replace(INPUT_STRING, '$1"…"')
    .replace(POSITION, '')
    .replace(SINGLE_QUOTED, "'…'")
    .replace(DOUBLE_QUOTED, '"…"')
    .replace(VALUE_IN_BRACKETS, '$1[…]')
    .replace(NUMBER, '…');
  return cut(text, MAX_LENGTH);
}

function firstLine(text: string): string {
  return text.split('\n', 1)[0] ?? '';
}

/** For example ` in document with id '17'. Preview of field's value: 'abc'`. */
const WHERE_AND_WHAT = / in document with id '.*?'(\. Preview of field's value: '.*?'(?=: |$)|(?=[.:]|$))/g;
/** Java's `For input string: "…"`. The text between the quotes may contain quotes, too. */
const INPUT_STRING = /(For input string: )".*"/;
/** Elasticsearch's `[1:24] `: line and column in the document. */
const POSITION = /\[\d+:\d+\] ?/g;
/** Matches neither an apostrophe nor the name in `Cannot read properties of undefined (reading 'price')`. */
const SINGLE_QUOTED = /(?<![\w)]|reading )'.*?'(?!\w)/g;
const DOUBLE_QUOTED = /".*?"(?!\w)/g;
/** Matches only values: other brackets enclose names of fields and types. */
const VALUE_IN_BRACKETS = /\b((?:value|date field|boolean|number|string) )\[[^\]]*\]/gi;
const NUMBER = /(?<![\w.[#|-])-?\d[\d.,:TZ+-]*(?![\w\]|])/g;
