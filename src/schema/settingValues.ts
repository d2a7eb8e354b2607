// Normalises setting values that can be written in several ways: `"true"`, "60s" and "1m", lists with commas.
import { textOf } from '../json/plain.js';
import type { Json } from '../json/jsonTypes.js';

/** Keys whose value is a list. The engine also reads `"a,b"` as a list of two, and `"a"` as a list of one. */
// biome-ignore format: one item a line would be too long
const COMMA_LISTS = new Set([
  'articles', 'char_filter', 'common_words', 'filter', 'filters', 'hyphenation_patterns', 'ignored_scripts',
  'keep_types', 'keywords', 'letters', 'protected_words', 'stem_exclusion', 'stopwords', 'stoptags', 'token_chars',
  'types', 'word_list',
]);

/** Keys whose value is a list with items that may contain commas. */
// biome-ignore format: one item a line would be too long
const LINE_LISTS = new Set([
  'keywords_pattern', 'mappings', 'patterns', 'rules', 'synonyms', 'type_table', 'user_dictionary_rules',
]);

/** Settings other than analysis settings whose value is a list. */
// biome-ignore format: one item a line would be too long
const LIST_SETTINGS = new Set([
  'query.default_field', 'routing_path', 'sort.field', 'sort.missing', 'sort.mode', 'sort.order', 'store.preload',
]);

export type SettingValue = string | readonly string[];

/**
 * The normal form of a value, for comparisons only. Items of a list are not split: the engine reads
 * `["a, b"]` as one item, and the string `"a, b"` as two.
 * @param path without `index.`
 */
export function canonicalValue(path: string, value: Json): SettingValue {
  const analysis = path.startsWith('analysis.');
  const key = path.slice(path.lastIndexOf('.') + 1);
  const isList = analysis ? COMMA_LISTS.has(key) || LINE_LISTS.has(key) : LIST_SETTINGS.has(path);
  if (Array.isArray(value)) {
    const items = value.map((item: Json) => textOf(item));
    const [only = ''] = items;
    return isList || items.length !== 1 || only.includes(',') ? items : scalar(only, analysis);
  }
  const whole = textOf(value);
  if (!isList) return scalar(whole, analysis);
  // a comma in synonyms may be part of a line, so one string with commas stays whole, and is equal to no list
  return LINE_LISTS.has(key) && whole.includes(',') ? whole : splitList(whole);
}

function splitList(value: string): string[] {
  return value
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');
}

function scalar(value: string, analysis: boolean): string {
  if (analysis) return value;
  if (/^-?\d+\.\d*0$|^-?\d+\.$/.test(value)) return value.replace(/\.?0*$/, '');
  return canonicalUnit(value, DURATIONS) ?? canonicalUnit(value, SIZES) ?? value;
}

type Units = ReadonlyArray<readonly [unit: string, factor: number]>;

const DURATIONS: Units = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1_000],
  ['ms', 1],
];

const SIZES: Units = [
  ['pb', 2 ** 50],
  ['tb', 2 ** 40],
  ['gb', 2 ** 30],
  ['mb', 2 ** 20],
  ['kb', 2 ** 10],
  ['b', 1],
];

/** Uses the largest unit that gives a whole number: `120s` -> `2m`, `1024kb` -> `1mb`. */
function canonicalUnit(value: string, units: Units): string | undefined {
  const match = /^(\d+)([a-z]{1,2})$/i.exec(value);
  const factor = units.find(([unit]) => unit === match?.[2]?.toLowerCase())?.[1];
  if (!match || factor === undefined) return undefined;
  const amount = Number(match[1]) * factor;
  if (!Number.isSafeInteger(amount) || amount === 0) return undefined;
  const unit = units.find(([, size]) => amount % size === 0);
  return unit && `${amount / unit[1]}${unit[0]}`;
}
