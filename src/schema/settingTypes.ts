// The types of `settings` in an index file, made from the lists in settingNames.ts.
import type { SettingName } from './settingNames.js';

/** A value or a list, or the settings of a group (`search.slowlog`). `null` stands for the engine's default. */
type Value = string | number | bigint | boolean | object | null;

/** The parameters of an analyzer, a filter, ... differ with its type, and plugins add types. */
interface Component {
  readonly type?: string;
  readonly [parameter: string]: unknown;
}

type ComponentKind = 'analyzer' | 'normalizer' | 'tokenizer' | 'filter' | 'char_filter';

type Analysis = {
  readonly [K in ComponentKind]?: { readonly [name: string]: Component };
} & { readonly [K in `${ComponentKind}.${string}`]?: Value };

/** The beginnings of dotted names: `search` and `search.idle` of `search.idle.after`. */
type Beginning<Name> = Name extends `${infer Head}.${infer Rest}`
  ? Head | `${Head}.${Beginning<Rest>}`
  : never;
type Below<Name, Start extends string> = Name extends `${Start}.${infer Rest}` ? Rest : never;

/** Settings as they may be written: dotted, nested, or both. Any name is allowed below a known one. */
type Tree<Name extends string> = {
  readonly [K in Name | Beginning<Name>]?:
    | (K extends Name ? (K extends 'analysis' ? Analysis : Value) : never)
    | ([Below<Name, K>] extends [never] ? never : Tree<Below<Name, K>>);
} & { readonly [K in `${Name}.${string}`]?: Value };

/**
 * The `settings` of an index file, as in `PUT /<index>`: dotted or nested, with or without `index.`. A setting
 * that is missing here, for example one of a plugin, is passed with `unchecked()`.
 * @see https://docs.opensearch.org/latest/install-and-configure/configuring-opensearch/index-settings/
 * @see https://www.elastic.co/docs/reference/elasticsearch/index-settings/
 * @example
 * import { defineIndex, type Settings } from 'twindex';
 *
 * const settings: Settings = { number_of_shards: 3, 'search.slowlog.threshold.query.warn': '2s' };
 * export default defineIndex({ name: 'catalogue', version: 1, settings });
 */
export interface Settings extends Tree<SettingName | `index.${SettingName}`> {}
