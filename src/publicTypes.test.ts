// Compiles tests/types/ with the declarations that the package has, as a user's compiler does: it checks the
// declarations as well, and has no types of Node.
import { join } from 'node:path';
import ts from 'typescript';
import { expect, test } from 'vitest';

const ROOT = new URL('..', import.meta.url).pathname;
const DIST = join(ROOT, 'dist/');

const optionsOf = (config: string): ts.CompilerOptions =>
  ts.parseJsonConfigFileContent(
    ts.readConfigFile(join(ROOT, config), (file) => ts.sys.readFile(file)).config,
    ts.sys,
    ROOT,
  ).options;

/** The declarations that `npm run build` would write, by path. */
function declarations(): Map<string, string> {
  // `npm run check:types` has checked the sources, so only the declarations are made
  const program = ts.createProgram([join(ROOT, 'src/index.ts')], {
    ...optionsOf('tsconfig.json'),
    rootDir: join(ROOT, 'src'),
    outDir: DIST,
    sourceMap: false,
    noEmit: false,
    noCheck: true,
    declaration: true,
    emitDeclarationOnly: true,
  });
  const written = new Map<string, string>();
  program.emit(undefined, (file, text) => void written.set(file, text), undefined, true);
  return written;
}

/** A host that finds the package `twindex` in memory. */
function hostWith(files: ReadonlyMap<string, string>, options: ts.CompilerOptions): ts.CompilerHost {
  const disk = ts.createCompilerHost(options);
  return {
    ...disk,
    directoryExists: (folder) =>
      folder.startsWith(DIST.slice(0, -1)) || (disk.directoryExists?.(folder) ?? true),
    fileExists: (file) => files.has(file) || (!file.startsWith(DIST) && disk.fileExists(file)),
    readFile: (file) => files.get(file) ?? disk.readFile(file),
    getSourceFile: (file, version, ...rest) => {
      const text = files.get(file);
      return text === undefined
        ? disk.getSourceFile(file, version, ...rest)
        : ts.createSourceFile(file, text, version);
    },
  };
}

test('must and must not compile, without types of Node', { timeout: 120_000 }, () => {
  const files = declarations();
  const options: ts.CompilerOptions = {
    strict: true,
    noEmit: true,
    types: [],
    skipLibCheck: false,
    skipDefaultLibCheck: true,
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    paths: { twindex: [join(DIST, 'index.d.ts')] },
  };
  const roots = ['schema.ts', 'documents.ts'].map((file) => join(ROOT, 'tests/types', file));
  const program = ts.createProgram(roots, options, hostWith(files, options));
  const found = ts.getPreEmitDiagnostics(program).map(({ file, start = 0, messageText }) => {
    const line = file ? file.getLineAndCharacterOfPosition(start).line + 1 : 0;
    return `${file?.fileName.replace(ROOT, '') ?? ''}:${line}: ${ts.flattenDiagnosticMessageText(messageText, ' ')}`;
  });
  expect(found).toEqual([]);
  expect(program.getSourceFiles().filter(({ fileName }) => fileName.includes('@types/node'))).toEqual([]);
});
