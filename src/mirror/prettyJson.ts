// The engines' `?pretty`.
import { JsonScanner } from '../follow/jsonScanner.js';

/** `{ "a" : [ ] }` over lines, two spaces a level, with a newline at the end. */
export function prettyJson(json: Buffer): Buffer {
  return Buffer.from(`${print(new JsonScanner(json), '')}\n`);
}

/** Whether a client asked for it: `?pretty`, `?pretty=true`. */
export function wantsPretty(params: Readonly<Record<string, string>>): boolean {
  return params['pretty'] === '' || params['pretty'] === 'true';
}

function print(scanner: JsonScanner, indent: string): string {
  const deeper = `${indent}  `;
  if (scanner.enterObject()) {
    const members: string[] = [];
    for (let name = scanner.nextName(); name !== undefined; name = scanner.nextName())
      members.push(`${deeper}${JSON.stringify(name)} : ${print(scanner, deeper)}`);
    return members.length > 0 ? `{\n${members.join(',\n')}\n${indent}}` : '{ }';
  }
  if (scanner.enterArray()) {
    const elements: string[] = [];
    while (scanner.nextElement()) elements.push(deeper + print(scanner, deeper));
    return elements.length > 0 ? `[\n${elements.join(',\n')}\n${indent}]` : '[ ]';
  }
  return scanner.raw().toString();
}
