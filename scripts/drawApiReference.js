// `npm run docs:api` writes the reference of the public API, docs/api-reference.md, from the comments and signatures in
// types/twindex.d.ts.
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const TYPES = new URL('../types/twindex.d.ts', import.meta.url);
const PAGE = new URL('../docs/api-reference.md', import.meta.url);

/**
 * The order of the page. Everything else that is exported comes under "Types".
 * @type {readonly (readonly [string, readonly string[]])[]}
 */
const GROUPS = [
  ['Functions', ['createTwindex', 'defineConfig', 'defineIndex', 'withTwindex', 'exact', 'unchecked']],
  ['What createTwindex returns', ['Twindex', 'TwindexRun', 'TwindexGateway', 'TwindexError']],
  [
    'Options',
    [
      'TwindexOptions',
      'ClusterOptions',
      'PlanOptions',
      'PlanAllOptions',
      'MigrationOptions',
      'SteeringOptions',
      'VerifyOptions',
      'TwindexGatewayOptions',
      'TwindexClientOptions',
      'Abortable',
    ],
  ],
  [
    'Configuration and index files',
    ['ConfigInput', 'IndexInput', 'Migration', 'TransformMeta', 'Mappings', 'Settings'],
  ],
];

/** Types with more characters are not shown. They are in types/twindex.d.ts. */
const MAX_TYPE = 600;

/** @returns {string} the text of docs/api-reference.md */
export function drawApiReference() {
  const source = ts.createSourceFile(
    'twindex.d.ts',
    readFileSync(TYPES, 'utf8'),
    ts.ScriptTarget.ES2023,
    true,
  );
  const exported = new Map(
    source.statements.filter(isExported).map((statement) => [nameOf(statement), statement]),
  );
  const grouped = new Set(GROUPS.flatMap(([, names]) => names));
  const types = [...exported.keys()].filter((name) => name !== '' && !grouped.has(name)).sort();
  const parts = [...GROUPS, /** @type {const} */ (['Types', types])].map(([title, names]) => {
    const sections = names.map((name) => {
      const statement = exported.get(name);
      if (!statement)
        throw new Error(`types/twindex.d.ts exports no ${name}: correct the groups of this script`);
      return section(name, statement);
    });
    return [`## ${title}`, ...sections].join('\n\n');
  });
  return [HEAD, ...parts, ''].join('\n\n').replace(/\n\n$/, '\n');
}

const HEAD = `<!-- Written by \`npm run docs:api\` from types/twindex.d.ts. Do not edit it here. -->
# API reference

Everything that \`import … from 'twindex'\` offers. [From code](api.md) introduces it, [index files](index-files.md) describes the
configuration, and [types/twindex.d.ts](../types/twindex.d.ts) has the same in TypeScript.`;

/** @param {ts.Statement} statement */
const isExported = (statement) =>
  ts.canHaveModifiers(statement) &&
  (ts.getModifiers(statement) ?? []).some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword);

/** @param {ts.Node} node @returns {string} */
const nameOf = (node) =>
  /** @type {{ name?: ts.Node }} */ (/** @type {unknown} */ (node)).name?.getText() ?? '';

/** @param {string} name @param {ts.Statement} statement */
function section(name, statement) {
  const hasMembers = ts.isInterfaceDeclaration(statement) || ts.isClassDeclaration(statement);
  const members = hasMembers ? statement.members.flatMap((member) => memberOf(member)) : [];
  const signature = hasMembers ? headOf(statement) : withoutComments(statement);
  const shown = signature === undefined || signature.length > MAX_TYPE ? [] : [fence(signature)];
  return [
    `### ${name}`,
    ...shown,
    ...docsOf(statement),
    ...(members.length > 0 ? [members.join('\n')] : []),
  ].join('\n\n');
}

/** What an interface extends. @param {ts.InterfaceDeclaration | ts.ClassDeclaration} statement */
function headOf(statement) {
  const clauses = (statement.heritageClauses ?? []).map((clause) => clause.getText());
  return clauses.length === 0 ? undefined : `${nameOf(statement)} ${clauses.join(' ')}`;
}

/** A member as an item of a list. @param {ts.TypeElement | ts.ClassElement} member @returns {string[]} */
function memberOf(member) {
  if (member.name === undefined && !ts.isConstructorDeclaration(member)) return [];
  const signature = withoutComments(member)
    .replace(/^readonly /, '')
    .replace(/;$/, '');
  const isShort = !signature.includes('\n') && signature.length <= 100;
  const name = ts.isConstructorDeclaration(member) ? 'constructor' : nameOf(member);
  const head = isShort ? `- \`${signature}\`` : `- \`${name}\``;
  const body = [...(isShort || signature.length > MAX_TYPE ? [] : [fence(signature)]), ...docsOf(member)];
  return [[head, ...body.map((part) => part.replaceAll(/^(?=.)/gm, '  '))].join('\n\n'), ''];
}

/** @param {ts.Node} node @returns {string[]} the comment as Markdown: text, default, errors, links, example */
function docsOf(node) {
  const [comment] = ts.getJSDocCommentsAndTags(node).filter(ts.isJSDoc);
  if (!comment) return [];
  const tags = (comment.tags ?? []).map(tagText);
  return [textOf(comment.comment), ...tags].filter((text) => text !== '');
}

/** @param {ts.JSDocTag} tag @returns {string} */
function tagText(tag) {
  const text = textOf(tag.comment).replace(/\.$/, '');
  const name = tag.tagName.text;
  if (ts.isJSDocParameterTag(tag)) return `\`${tag.name.getText()}\`: ${text}.`;
  if (name === 'default') return `Default: ${isCode(text) ? `\`${text}\`` : text}.`;
  if (name === 'example') return fence(text);
  if (name === 'throws') return `Throws ${text}.`;
  // TypeScript takes the beginning of an address for a name
  if (name === 'see') return `See ${linkTo(tag.getText().replace('@see', '').split('\n')[0]?.trim() ?? '')}.`;
  return text === '' ? '' : `${name}: ${text}.`;
}

/** @param {string} text */
const isCode = (text) => /^(?:[\d.]+|true|false|['"[{].*)$/s.test(text);

/** @param {string} address */
const linkTo = (address) =>
  address.startsWith('docs/') ? `[${address.slice(5)}](${address.slice(5)})` : `<${address}>`;

/** @param {ts.JSDoc['comment']} comment */
const textOf = (comment) => (ts.getTextOfJSDocComment(comment) ?? '').trim();

/** @param {string} code */
const fence = (code) => `\`\`\`ts\n${code}\n\`\`\``;

/** @param {ts.Node} node */
function withoutComments(node) {
  const text = node.getText();
  return text
    .replaceAll(/^\s*\/\*\*[^]*?\*\/\n/gm, '')
    .replace(/^export (?:declare )?/, '')
    .replaceAll(/^ {4}/gm, '');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) writeFileSync(PAGE, drawApiReference());
