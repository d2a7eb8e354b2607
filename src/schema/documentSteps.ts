// The types of the transforms and of `reingest` in an index file that names the type of its documents,
// `defineIndex<Book>`.
import type { Source } from '../json/jsonTypes.js';
import type { Migration, Reingest } from './types.js';

/** A document of an earlier version whose type is not given: it has the same fields, with any values. */
// oxlint-disable-next-line typescript/no-explicit-any
type Loose<Doc> = { [K in keyof Doc]: any } & { [field: string]: any };

/** The default of `Earlier`. Documents without a type are a `Source` in every version. */
export type EarlierOf<Doc extends object> = Source extends Doc ? Source : Loose<Doc>;

/** The type of `migrations`, from the document types of all versions. The declared version is the last one. */
type StepsThrough<
  Before extends object,
  Later extends readonly unknown[],
  Version extends readonly 0[] = [0, 0],
> = Later extends readonly [infer After extends object, ...infer Rest]
  ? { readonly [V in Version['length']]?: Migration<Before, After> } & StepsThrough<
      After,
      Rest,
      [...Version, 0]
    >
  : unknown;

/**
 * The steps of an index file. `Earlier` is one type, for all steps, or a list with the type of each earlier
 * version.
 */
export type Steps<Doc extends object, Earlier> = Earlier extends readonly [
  infer First extends object,
  ...infer Rest,
]
  ? StepsThrough<First, [...Rest, Doc]>
  : Earlier extends object
    ? Readonly<Record<number, Migration<Earlier, Doc>>>
    : never;

/** The documents of `reingest`: any object, if the documents have no type. */
export type ReingestOf<Doc extends object> = Reingest<Source extends Doc ? object : Doc>;

/** Keeps TypeScript from guessing a type parameter from the functions in the file. */
export type Given<T> = [T][T extends unknown ? 0 : never];
