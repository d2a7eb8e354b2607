// Compares types/twindex.d.ts, which the package delivers, with the public API. Compiles tests/types/ with it
// as a user's compiler does: it checks the declarations as well, and has no types of Node.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { expect, test } from 'vitest';

const ROOT = new URL('..', import.meta.url).pathname;

interface Script {
  readonly PUBLIC_TYPES: string;
  readonly drawPublicTypes: () => string;
}

const { PUBLIC_TYPES, drawPublicTypes } = (await import(
  new URL('../scripts/publicTypes.js', import.meta.url).href
)) as Script;

test('types/twindex.d.ts is what `npm run docs:api` makes of src/index.ts', { timeout: 120_000 }, () => {
  expect(readFileSync(PUBLIC_TYPES, 'utf8')).toBe(drawPublicTypes());
});

test('what must compile does, and what must not does not, without the types of Node', {
  timeout: 120_000,
}, () => {
  const options: ts.CompilerOptions = {
    strict: true,
    noEmit: true,
    types: [],
    skipLibCheck: false,
    skipDefaultLibCheck: true,
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    paths: { twindex: [PUBLIC_TYPES] },
  };
  const roots = ['schema.ts', 'documents.ts', 'program.ts'].map((file) => join(ROOT, 'tests/types', file));
  const program = ts.createProgram(roots, options);
  const found = ts.getPreEmitDiagnostics(program).map(({ file, start = 0, messageText }) => {
    const line = file ? file.getLineAndCharacterOfPosition(start).line + 1 : 0;
    return `${file?.fileName.replace(ROOT, '') ?? ''}:${line}: ${ts.flattenDiagnosticMessageText(messageText, ' ')}`;
  });
  expect(found).toEqual([]);
  expect(program.getSourceFiles().filter(({ fileName }) => fileName.includes('@types/node'))).toEqual([]);
});
