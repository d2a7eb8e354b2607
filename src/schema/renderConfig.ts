// Writes the text of a configuration file, for `twindex init`.
import { printJson } from '../json/exactJson.js';
import { quoted, type IndexFileFormat, yamlText } from './render.js';

/** The kind of credentials for which the file names environment variables. */
export type Credentials = 'apiKey' | 'password';

export const CREDENTIALS = {
  apiKey: { apiKey: 'TWINDEX_API_KEY' },
  password: { username: 'TWINDEX_USERNAME', password: 'TWINDEX_PASSWORD' },
} as const satisfies Record<Credentials, Readonly<Record<string, string>>>;

export interface RenderedConfig {
  /** Addresses without user and password. */
  readonly nodes: readonly string[];
  /** The file contains the names of the environment variables, never their values. */
  readonly credentials?: Credentials | undefined;
  readonly caFile?: string | undefined;
  /** Patterns of index files. */
  readonly indexes: readonly string[];
  readonly format: IndexFileFormat;
}

export function renderConfigFile({ nodes, credentials, caFile, indexes, format }: RenderedConfig): string {
  const auth = credentials && CREDENTIALS[credentials];
  if (format !== 'ts') {
    const variables = auth && Object.entries(auth).map(([key, name]) => [key, `\${${name}}`]);
    const cluster = {
      nodes,
      ...(variables && { auth: Object.fromEntries(variables) as Record<string, string> }),
      ...(caFile === undefined ? {} : { caFile }),
    };
    const content = { cluster, indexes };
    return format === 'yaml' ? yamlText(content) : `${printJson(content, 2)}\n`;
  }
  const list = (texts: readonly string[]): string => `[${texts.map(quoted).join(', ')}]`;
  const variables = auth && Object.entries(auth).map(([key, name]) => `${key}: process.env['${name}'] ?? ''`);
  const cluster = [
    `nodes: ${list(nodes)}`,
    ...(variables ? [`auth: { ${variables.join(', ')} }`] : []),
    ...(caFile === undefined ? [] : [`caFile: ${quoted(caFile)}`]),
  ];
  const text =
    cluster.length === 1
      ? `{ ${cluster.join('')} }`
      : `{\n${cluster.map((line) => `    ${line},\n`).join('')}  }`;
  return (
    "import { defineConfig } from 'twindex';\n\n" +
    `export default defineConfig({\n  cluster: ${text},\n  indexes: ${list(indexes)},\n});\n`
  );
}
