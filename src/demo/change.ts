// The changes that a writer can make to a product, and their results. Pure.
import type { Fields, Money, Product, Value } from './catalogue.js';

export type Change =
  | { readonly kind: 'index' | 'create'; readonly product: Product }
  | { readonly kind: 'update'; readonly fields: Fields; readonly money?: Money }
  | { readonly kind: 'sell'; readonly pieces: number }
  | { readonly kind: 'delete' };

/** Null if the document does not exist. */
export type State = Product | null;

/** Reduces the stock. Deletes the document if the stock would become negative, as a real script might do. */
export const SELL_SCRIPT =
  'ctx._source.stock -= params.pieces; if (ctx._source.stock < 0) { ctx.op = "delete" }';

export function applyChange(before: State, change: Change): State {
  switch (change.kind) {
    case 'index':
    case 'create':
      return change.product;
    case 'delete':
      return null;
    case 'update':
      return (
        before && {
          money: change.money ?? before.money,
          fields: mergeFields(before.fields, change.fields),
        }
      );
    case 'sell':
      return before && sell(before, change.pieces);
    default:
      return change satisfies never;
  }
}

function sell(product: Product, pieces: number): State {
  const stock = Number(product.fields['stock']) - pieces;
  return stock < 0 ? null : { ...product, fields: { ...product.fields, stock } };
}

/** Merges objects and replaces other values, as the engine does for `doc` of an `_update`. */
function mergeFields(before: Fields, change: Fields): Fields {
  const merged: Record<string, Value> = { ...before };
  for (const [name, value] of Object.entries(change)) {
    const old = merged[name];
    merged[name] = isObject(old) && isObject(value) ? mergeFields(old, value) : value;
  }
  return merged;
}

function isObject(value: Value | undefined): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
