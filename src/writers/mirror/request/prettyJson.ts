// Prints JSON as the engines do for `?pretty`.
import { JsonScanner } from '../../../json/jsonScanner.js';

/** @param keeps whether `_source` is printed unchanged */
export function prettyJson(json: Buffer, keeps = false): Buffer {
  return Buffer.from(`${print(new JsonScanner(json), '', keeps)}\n`);
}

/** OpenSearch prints `_source` unchanged in answers without `filter_path`. */
export function keepsSource(
  headers: Readonly<Record<string, string>>,
  params: Readonly<Record<string, string>>,
): boolean {
  return headers['x-elastic-product'] === undefined && !params['filter_path'];
}

export function wantsPretty(params: Readonly<Record<string, string>>): boolean {
  return params['pretty'] === '' || params['pretty'] === 'true';
}

function print(scanner: JsonScanner, indent: string, keeps: boolean): string {
  const deeper = `${indent}  `;
  if (scanner.enterObject()) {
    const members: string[] = [];
    for (let name = scanner.nextName(); name !== undefined; name = scanner.nextName())
      members.push(
        keeps && name === '_source'
          ? `${deeper}"_source":${scanner.raw().toString()}`
          : `${deeper}${JSON.stringify(name)} : ${print(scanner, deeper, keeps)}`,
      );
    return members.length > 0 ? `{\n${members.join(',\n')}\n${indent}}` : '{ }';
  }
  if (scanner.enterArray()) {
    const elements: string[] = [];
    while (scanner.nextElement()) elements.push(deeper + print(scanner, deeper, keeps));
    return elements.length > 0 ? `[\n${elements.join(',\n')}\n${indent}]` : '[ ]';
  }
  return scanner.raw().toString();
}
