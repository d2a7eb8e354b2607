// What a thousand documents are refused for, as one text: the reason without the document's id and values. Pure.

const MAX_LENGTH = 300;

/** @param reason as the engine or the transform gave it for the document with this id */
export function commonReason(reason: string, id: string): string {
  const text = firstLine(reason)
    .replaceAll(` for document ${id}:`, ':')
    .replaceAll(` for document ${id}.`, '.')
    .replace(WHERE_AND_WHAT, '')
    .replace(INPUT_STRING, '$1"…"')
    .replace(POSITION, '')
    .replace(SINGLE_QUOTED, "'…'")
    .replace(DOUBLE_QUOTED, '"…"')
    .replace(VALUE_IN_BRACKETS, '$1[…]')
    .replace(NUMBER, '…');
  return text.length > MAX_LENGTH ? `${text.slice(0, MAX_LENGTH)}…` : text;
}

function firstLine(text: string): string {
  return text.split('\n', 1)[0] ?? '';
}

/** ` in document with id '17'. Preview of field's value: 'abc'` */
const WHERE_AND_WHAT = / in document with id '.*?'(\. Preview of field's value: '.*?'(?=: |$)|(?=[.:]|$))/g;
/** Java's own words; the text may have quotes in it. */
const INPUT_STRING = /(For input string: )".*"/;
/** Elasticsearch's `[1:24] `, line and column of the document. */
const POSITION = /\[\d+:\d+\] ?/g;
/** Not an apostrophe; and not the name in `Cannot read properties of undefined (reading 'price')`. */
const SINGLE_QUOTED = /(?<![\w)]|reading )'.*?'(?!\w)/g;
const DOUBLE_QUOTED = /".*?"(?!\w)/g;
/** Other brackets hold the names of fields and types. */
const VALUE_IN_BRACKETS = /\b((?:value|date field|boolean|number|string) )\[[^\]]*\]/gi;
const NUMBER = /(?<![\w.[#|-])-?\d[\d.,:TZ+-]*(?![\w\]|])/g;
