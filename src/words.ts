// Formats numbers and counts for people.

export const number = (value: number): string => value.toLocaleString('en');

/** Removes the final full stop, so that a sentence can continue: `it is full.` -> `it is full`. */
export const withoutStop = (text: string): string => text.replace(/\.+$/, '');

/** For example `1 document is`, `2 documents are`. */
export const areMany = (value: number, what: string): string =>
  `${count(value, what)} ${value === 1 ? 'is' : 'are'}`;

/** For example `1 document`, `2 documents`. */
export const count = (value: number, what: string): string =>
  `${number(value)} ${what}${value === 1 ? '' : 's'}`;
