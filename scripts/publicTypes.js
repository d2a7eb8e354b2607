// `npm run docs:api` writes types/twindex.d.ts from src/index.ts: all types of the public API in one file.
// The package contains this file, and a review shows each change of the API in it. The file must not need
// another package, so a type from outside of src/ is an error.
import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
export const PUBLIC_TYPES = join(ROOT, 'types/twindex.d.ts');

const HEAD = `/// <reference lib="esnext.disposable" />
// The public API of twindex. \`npm run docs:api\` makes this file from src/index.ts.
`;

/** @typedef {{ readonly file: string, readonly name: string }} Origin where a name is declared */

/**
 * @typedef {object} Module
 * @property {Map<string, ts.Statement[]>} own the declarations of the module
 * @property {Map<string, Origin>} taken imports and re-exports, by the name that they have in the module
 */

/** @returns {string} the text of types/twindex.d.ts */
export function drawPublicTypes() {
  const modules = readModules();
  const index = modules(join(ROOT, 'src/index.ts'));
  const names = [...index.taken.keys()].sort();
  /** @type {Map<string, Origin>} what the file declares */
  const declared = new Map();
  /** @type {string[]} */
  const parts = [];
  /** @param {Origin} origin */
  const add = (origin) => {
    const { file, name } = follow(modules, origin);
    const known = declared.get(name);
    if (known?.file === file) return;
    if (known) throw new Error(`${name} is declared in ${known.file} and in ${file}: rename one of them`);
    declared.set(name, { file, name });
    const module = modules(file);
    const statements = module.own.get(name) ?? [];
    parts.push(...statements.map((statement) => textOf(statement, names.includes(name))));
    for (const used of statements.flatMap(namesIn)) {
      const taken = module.taken.get(used);
      if (taken) add(taken);
      else if (module.own.has(used)) add({ file, name: used });
    }
  };
  for (const name of names) add({ file: join(ROOT, 'src/index.ts'), name });
  // without `export {}`, all declarations of a .d.ts file are exported
  return `${HEAD}\n${parts.join('\n\n')}\n\nexport {};\n`;
}

/**
 * Reads a module when it is first needed. It checks no types, since `npm run check:types` does.
 * @returns {(file: string) => Module}
 */
function readModules() {
  const { config } = ts.readConfigFile(join(ROOT, 'tsconfig.json'), (file) => ts.sys.readFile(file));
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, ROOT);
  const program = ts.createProgram([join(ROOT, 'src/index.ts')], {
    ...options,
    noEmit: false,
    noCheck: true,
    emitDeclarationOnly: true,
    sourceMap: false,
  });
  /** @type {Map<string, Module>} */
  const known = new Map();
  return (file) => {
    const found = known.get(file);
    if (found) return found;
    let text = '';
    program.emit(program.getSourceFile(file), (_, emitted) => (text = emitted), undefined, true);
    const module = moduleOf(file, text);
    known.set(file, module);
    return module;
  };
}

/** @param {string} file @param {string} text @returns {Module} */
function moduleOf(file, text) {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.ES2023, true);
  /** @type {Module} */
  const module = { own: new Map(), taken: new Map() };
  for (const statement of source.statements) {
    if (ts.isImportDeclaration(statement) || ts.isExportDeclaration(statement)) {
      const from = statement.moduleSpecifier;
      for (const { name, propertyName } of elementsOf(statement)) {
        const origin = from && ts.isStringLiteral(from) ? originOf(file, from.text) : file;
        if (origin !== file || propertyName)
          module.taken.set(name.text, { file: origin, name: (propertyName ?? name).text });
      }
    } else
      for (const name of declaredIn(statement))
        module.own.set(name, [...(module.own.get(name) ?? []), statement]);
  }
  return module;
}

/**
 * @param {ts.ImportDeclaration | ts.ExportDeclaration} statement
 * @returns {readonly (ts.ImportSpecifier | ts.ExportSpecifier)[]}
 */
function elementsOf(statement) {
  const named = ts.isImportDeclaration(statement)
    ? statement.importClause?.namedBindings
    : statement.exportClause;
  return named && (ts.isNamedImports(named) || ts.isNamedExports(named)) ? [...named.elements] : [];
}

/** @param {string} file @param {string} specifier @returns {string} a package keeps its name */
const originOf = (file, specifier) =>
  specifier.startsWith('.') ? join(dirname(file), specifier.replace(/\.js$/, '.ts')) : specifier;

/** @param {ts.Statement} statement @returns {string[]} */
function declaredIn(statement) {
  if (ts.isVariableStatement(statement))
    return statement.declarationList.declarations.map(({ name }) => name.getText());
  const { name } = /** @type {{ name?: ts.Identifier }} */ (/** @type {unknown} */ (statement));
  return name ? [name.text] : [];
}

/** Follows re-exports. @param {(file: string) => Module} modules @param {Origin} origin @returns {Origin} */
function follow(modules, { file, name }) {
  if (!file.startsWith(ROOT)) throw new Error(`the public API uses ${name} of ${file}: declare an own type`);
  const module = modules(file);
  if (module.own.has(name)) return { file, name };
  const taken = module.taken.get(name);
  if (!taken) throw new Error(`${file} has no ${name}`);
  return follow(modules, taken);
}

/** @param {ts.Node} node @returns {string[]} the first names of all references to types and values */
function namesIn(node) {
  /** @type {string[]} */
  const names = [];
  /** @param {ts.Node} inner */
  const visit = (inner) => {
    if (ts.isImportTypeNode(inner))
      throw new Error(`write out the type ${inner.getText()}, which is a part of the public API`);
    if (ts.isTypeReferenceNode(inner)) names.push(firstName(inner.typeName));
    if (ts.isTypeQueryNode(inner)) names.push(firstName(inner.exprName));
    if (ts.isExpressionWithTypeArguments(inner)) names.push(inner.expression.getText().replace(/\..*$/s, ''));
    ts.forEachChild(inner, visit);
  };
  visit(node);
  return [...new Set(names)];
}

/** @param {ts.EntityName} name @returns {string} */
const firstName = (name) => (ts.isIdentifier(name) ? name.text : firstName(name.left));

/** @param {ts.Statement} statement @param {boolean} isPublic @returns {string} */
function textOf(statement, isPublic) {
  const comments = ts.getJSDocCommentsAndTags(statement).map((comment) => comment.getText());
  const plain = statement.getText().replace(/^(export )?(declare )?/, '');
  const needsDeclare = !ts.isInterfaceDeclaration(statement) && !ts.isTypeAliasDeclaration(statement);
  const text = `${isPublic ? 'export ' : ''}${needsDeclare ? 'declare ' : ''}${plain}`;
  return [...comments, text].join('\n');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) writeFileSync(PUBLIC_TYPES, drawPublicTypes());
