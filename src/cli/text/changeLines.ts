// Shows the differences of a plan as lines with markers, as in `terraform plan`: `+` is added, `-` removed, `~`
// changed. For objects and lists, the differences of their parts are shown. Pure.
import { isObject, ownValue, sameJson } from '../../json/plain.js';
import { printJson } from '../../json/exactJson.js';
import type { Json, JsonObject } from '../../json/jsonTypes.js';
import type { Change } from '../../schema/types.js';
import { number } from '../../words.js';

export type Marker = '+' | '-' | '~' | ' ';

export interface ChangeLine {
  readonly marker: Marker;
  /** 0 for a change, 1 or more for its parts. */
  readonly depth: number;
  readonly text: string;
  /** For example `forces a new version: the type of a field never changes`. */
  readonly note?: Note | undefined;
}

interface Note {
  readonly text: string;
  readonly needs: Change['needs'];
}

/** @param explain whether to show reasons in full instead of their short forms */
export function changeLines(changes: readonly Change[], explain: boolean): ChangeLine[] {
  const given = new Set<string>();
  return changes.flatMap((change) => {
    const { path, before, after } = change;
    const [head, ...parts] = valueLines(path, before, after, 0);
    return [{ ...(head as ChangeLine), note: noteOf(change, given, explain) }, ...shortened(parts)];
  });
}

/** The whole content of an index that does not exist yet. */
export function addedLines(content: JsonObject): ChangeLine[] {
  return Object.entries(content).flatMap(([key, value]) => valueLines(key, undefined, value, 0));
}

const NEEDS: Readonly<Record<Change['needs'], string>> = {
  'in-place': '',
  'close-and-open': 'closes the index',
  'new-version': 'forces a new version',
  blocked: 'impossible',
};

/** The note of a change. If several changes have the same reason, only the first shows it. */
function noteOf({ needs, reason }: Change, given: Set<string>, explain: boolean): Note | undefined {
  const why = explain || needs === 'blocked' ? reason : shortReason(reason);
  const isNew = !given.has(why);
  given.add(why);
  const text = [NEEDS[needs], ...(isNew ? [why] : [])].filter((part) => part !== '').join(': ');
  return text === '' ? undefined : { text, needs };
}

/** The first clause of a reason, without a remark in parentheses at its end. */
export function shortReason(reason: string): string {
  const whole = reason.replace(/ \([^()]*\)$/, '');
  return /^(.+?)(?:: |; |, (?:and|so|but) )/.exec(whole)?.[1] ?? whole;
}

const MAX_VALUE = 1_000;
const MAX_PARTS = 60;

function shortened(lines: readonly ChangeLine[]): readonly ChangeLine[] {
  if (lines.length <= MAX_PARTS) return lines;
  const rest = `... ${number(lines.length - MAX_PARTS)} more lines (all of them: --json)`;
  return [...lines.slice(0, MAX_PARTS), { marker: ' ', depth: 1, text: rest }];
}

/** A list up to this width, such as the filters of a new analyzer, is shown on one line. */
const INLINE_WIDTH = 40;

function valueLines(
  key: string,
  before: Json | undefined,
  after: Json | undefined,
  depth: number,
): ChangeLine[] {
  const marker = before === undefined ? '+' : after === undefined ? '-' : '~';
  const at = (text: string): ChangeLine => ({ marker, depth, text });
  const one = marker === '-' ? before : after;
  if (marker !== '~') {
    if (isObject(one) && Object.keys(one).length > 0)
      return [at(`${key}:`), ...partLines(one, marker, depth + 1)];
    if (isList(one) && !isShort(one)) return [at(`${key}:`), ...itemLines(one, marker, depth + 1)];
    return [at(`${key}: ${valueText(one as Json)}`)];
  }
  if (isObject(before) && isObject(after)) return [at(`${key}:`), ...objectLines(before, after, depth + 1)];
  if (isList(before) && isList(after)) return [at(`${key}:`), ...listLines(before, after, depth + 1)];
  if (isLong(before) || isLong(after))
    return [at(`${key}:`), ...exchangeLines(before as Json, after as Json, depth + 1)];
  return [at(`${key}: ${valueText(before as Json)} -> ${valueText(after as Json)}`)];
}

function exchangeLines(before: Json, after: Json, depth: number): ChangeLine[] {
  return [
    { marker: '-', depth, text: valueText(before) },
    { marker: '+', depth, text: valueText(after) },
  ];
}

const isList = (value: Json | undefined): value is readonly Json[] => Array.isArray(value);
const isShort = (list: readonly Json[]): boolean => printJson(list).length <= INLINE_WIDTH;
const isLong = (value: Json | undefined): boolean => printJson(value).length > INLINE_WIDTH;

/** All parts of an object that is added or removed as a whole. */
function partLines(value: JsonObject, marker: '+' | '-', depth: number): ChangeLine[] {
  return Object.entries(value).flatMap(([key, part]) =>
    marker === '+' ? valueLines(key, undefined, part, depth) : valueLines(key, part, undefined, depth),
  );
}

function itemLines(list: readonly Json[], marker: '+' | '-', depth: number): ChangeLine[] {
  return list.map((item) => ({ marker, depth, text: valueText(item) }));
}

/** The lines of the parts that differ. */
function objectLines(before: JsonObject, after: JsonObject, depth: number): ChangeLine[] {
  const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  return keys.flatMap((key) => {
    const [old, next] = [ownValue(before, key), ownValue(after, key)];
    return sameJson(old, next) ? [] : valueLines(key, old, next, depth);
  });
}

/**
 * This many unchanged items are shown before and after a change, so that its place in a list of filters is
 * clear.
 */
const KEPT_AROUND = 3;

/** The items of both lists in their order: unchanged, added and removed ones. */
function listLines(before: readonly Json[], after: readonly Json[], depth: number): ChangeLine[] {
  const at =
    (marker: Marker) =>
    (item: Json): ChangeLine => ({ marker, depth, text: valueText(item) });
  const head = commonLength(before, after, (list, n) => list[n]);
  const [oldRest, newRest] = [before.slice(head), after.slice(head)];
  const tail = commonLength(oldRest, newRest, (list, n) => list[list.length - 1 - n]);
  const [old, next] = [oldRest.slice(0, oldRest.length - tail), newRest.slice(0, newRest.length - tail)];
  const unchanged = (items: readonly Json[], side: 'first' | 'last'): ChangeLine[] => {
    const shown = side === 'first' ? items.slice(0, KEPT_AROUND) : items.slice(-KEPT_AROUND);
    const hidden = items.length - shown.length;
    const lines = shown.map(at(' '));
    if (hidden === 0) return lines;
    const more: ChangeLine = { marker: ' ', depth, text: `... ${number(hidden)} unchanged` };
    return side === 'first' ? [...lines, more] : [more, ...lines];
  };
  return [
    ...unchanged(before.slice(0, head), 'last'),
    ...middleLines(old, next, at),
    ...unchanged(tail === 0 ? [] : before.slice(-tail), 'first'),
  ];
}

function commonLength(
  a: readonly Json[],
  b: readonly Json[],
  item: (list: readonly Json[], n: number) => Json | undefined,
): number {
  let length = 0;
  while (length < Math.min(a.length, b.length) && sameJson(item(a, length), item(b, length))) length++;
  return length;
}

/**
 * The lines from the first change of a list to the last one. In very long lists, unchanged items are not
 * matched.
 */
function middleLines(
  old: readonly Json[],
  next: readonly Json[],
  at: (marker: Marker) => (item: Json) => ChangeLine,
): ChangeLine[] {
  if (old.length * next.length > 10_000) return [...old.map(at('-')), ...next.map(at('+'))];
  const lengths = commonLengths(old, next);
  const lines: ChangeLine[] = [];
  for (let i = 0, j = 0; i < old.length || j < next.length; ) {
    if (i < old.length && j < next.length && sameJson(old[i], next[j])) {
      lines.push(at(' ')(old[i] as Json));
      i++;
      j++;
    } else if (
      j === next.length ||
      (i < old.length && lengthAt(lengths, i + 1, j) >= lengthAt(lengths, i, j + 1))
    )
      lines.push(at('-')(old[i++] as Json));
    else lines.push(at('+')(next[j++] as Json));
  }
  return lines;
}

type Lengths = readonly (readonly number[])[];

const lengthAt = (lengths: Lengths, i: number, j: number): number => lengths[i]?.[j] ?? 0;

/**
 * For each pair of positions in both lists: the length of the longest common subsequence from there to the
 * ends.
 */
function commonLengths(old: readonly Json[], next: readonly Json[]): Lengths {
  const lengths: number[][] = old.map(() => next.map(() => 0));
  for (let i = old.length - 1; i >= 0; i--)
    for (let j = next.length - 1; j >= 0; j--)
      (lengths[i] as number[])[j] = sameJson(old[i], next[j])
        ? lengthAt(lengths, i + 1, j + 1) + 1
        : Math.max(lengthAt(lengths, i + 1, j), lengthAt(lengths, i, j + 1));
  return lengths;
}

/** The value as JSON. It is cut if it is very long. */
export function valueText(value: Json): string {
  const text = printJson(value);
  return text.length > MAX_VALUE
    ? `${text.slice(0, MAX_VALUE)}... (${number(text.length)} characters; all of them: --json)`
    : text;
}
