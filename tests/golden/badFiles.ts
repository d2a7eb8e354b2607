// Wrong configurations and index files. What twindex says to each is in messages/, whole.

export interface BadFiles {
  /** Also the name of the golden file. */
  readonly title: string;
  readonly files: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string>>;
  readonly file?: string;
}

const CONFIG = `cluster: { nodes: ['http://localhost:9200'] }\nindexes: ['indexes/*']\n`;
const GOOD = 'name: good\nversion: 1\n';

/** A configuration, with a good index file beside it. */
function config(text: string, name = 'twindex.config.yaml'): Pick<BadFiles, 'files'> {
  return { files: { [name]: text, 'indexes/good.yaml': GOOD } };
}

/** An index file, with a good configuration. */
function index(text: string, name = 'catalogue.yaml'): Pick<BadFiles, 'files'> {
  return { files: { 'twindex.config.yaml': CONFIG, [`indexes/${name}`]: text } };
}

export const badFiles: readonly BadFiles[] = [
  { title: 'no configuration at all', files: {} },
  { title: 'a configuration that does not exist', files: {}, file: 'nowhere.yaml' },
  { title: 'a configuration that is a folder', files: { 'conf.yaml/x': '' }, file: 'conf.yaml' },
  { title: 'an empty configuration', ...config('') },
  { title: 'a configuration that is a list', ...config('- a\n- b\n') },
  { title: 'YAML with an error of syntax', ...config('cluster: { nodes: [s3cret\nindexes: [') },
  { title: 'JSON with an error of syntax', ...config('{\n  "cluster": { "nodes": ["http://u:s3cret@h"] },\n  oops }', 'twindex.config.json') },
  { title: 'JSON that ends too early', ...config('{ "cluster": {', 'twindex.config.json') },
  { title: 'JSON with a value that is none', ...config('{ "cluster": s3cret }', 'twindex.config.json') },
  { title: 'TypeScript with an error of syntax', ...config('export default {', 'twindex.config.ts') },
  { title: 'TypeScript that throws', ...config(`throw new Error('no such vault')`, 'twindex.config.ts') },
  { title: 'TypeScript without a default export', ...config('export const config = {}', 'twindex.config.ts') },
  { title: 'TypeScript that imports nothing', ...config(`import x from './nowhere.js'; export default x`, 'twindex.config.ts') },
  { title: 'no cluster', ...config(`indexes: ['indexes/*']`) },
  { title: 'a cluster that is an address', ...config(`cluster: https://u:s3cret@host\nindexes: ['indexes/*']`) },
  { title: 'no nodes', ...config(`cluster: { nodes: [] }\nindexes: ['indexes/*']`) },
  { title: 'nodes that are one text', ...config(`cluster: { nodes: 'http://u:s3cret@h:9200' }\nindexes: ['indexes/*']`) },
  { title: 'a node without a scheme', ...config(`cluster: { nodes: ['u:s3cret@host:9200', 'ftp://host'] }\nindexes: ['indexes/*']`) },
  { title: 'auth with a user and no password', ...config(`cluster: { nodes: ['http://h'], auth: { username: s3cret } }\nindexes: ['indexes/*']`) },
  { title: 'auth in two ways', ...config(`cluster: { nodes: ['http://h'], auth: { apiKey: s3cret, bearer: s3cret } }\nindexes: ['indexes/*']`) },
  { title: 'auth with a number and a misspelt key', ...config(`cluster: { nodes: ['http://h'], auth: { username: u, pasword: s3cret, password: 5 } }\nindexes: ['indexes/*']`) },
  { title: 'auth in a file and in the configuration', ...config(`cluster: { nodes: ['http://h'], auth: { username: u, password: s3cret, passwordFile: f } }\nindexes: ['indexes/*']`) },
  { title: 'auth with AWS and no region', ...config(`cluster: { nodes: ['http://h'], auth: { aws: { regoin: x, service: s3 } } }\nindexes: ['indexes/*']`) },
  { title: 'keys of a cluster that contradict each other', ...config(`cluster: { nodes: ['http://u:s3cret@h'], cloudId: 'c:ZXUuZXMuaW8kYWJj', caFile: a, caFingerprint: '${'ab'.repeat(32)}', certFile: c, keyPassphrase: s3cret, proxy: 'ftp://u:s3cret@p' }\nindexes: ['indexes/*']`) },
  { title: 'keys of a cluster with the wrong form', ...config(`cluster: { cloudId: nothing, caFingerprint: ab, keyPassphrase: 53210, proxy: true }\nindexes: ['indexes/*']`) },
  { title: 'an environment variable that is not set', ...config(`cluster: { nodes: ['http://h'], auth: { apiKey: '\${ES_KEY}' } }\nindexes: ['indexes/*']`) },
  { title: 'TWINDEX_URL that is no address', ...config(CONFIG), env: { TWINDEX_URL: 'http://a:9200, u:s3cret@b' } },
  { title: 'times and retries that are no whole numbers', ...config(`cluster: { nodes: ['http://h'], requestTimeoutMs: 30s, maxRetries: -1 }\nindexes: ['indexes/*']`) },
  { title: 'misspelt keys', ...config(`clutser: {}\ncluster: { nodes: ['http://h'], cafile: x }\nindex: []\nindexes: ['indexes/*']`) },
  { title: 'an unknown key', ...config(`${CONFIG}colour: red\n`) },
  { title: 'hooks that are none', ...config(`${CONFIG}hooks: { befor: {}, before: { cutover: '', switchd: x, ready: x, finalized: { url: 'http://u:s3cret@h', headers: { a: 5 } } }, after: { ready: [x, { command: x, url: 'http://h' }], cutover: { url: 'http://h', headers: { a: "s3cret\\n" } }, switched: { command: x, timeoutMs: 0 } } }\n`) },
  { title: 'a notification without an address', ...config(`${CONFIG}notify: 'ftp://u:s3cret@h'\n`) },
  { title: 'hooks of an index file that are none', ...index('name: catalogue\nversion: 1\nhooks: s3cret\nnotify: { url: s3cret, headers: { a: s3cret } }\n') },
  { title: 'no indexes', ...config(`cluster: { nodes: ['http://h'] }\nindexes: []`) },
  { title: 'a pattern that no file matches', ...config(`cluster: { nodes: ['http://h'] }\nindexes: ['indexes/*.ts', 'indexes/*']`) },

  { title: 'an index file that is empty', ...index('') },
  { title: 'an index file without a name', ...index('version: 1\n') },
  { title: 'an index name that no engine takes', ...index('name: Cata logue\nversion: 1\n') },
  { title: 'an index name that begins with an underscore', ...index('name: _catalogue\nversion: 1\n') },
  { title: 'a version of zero', ...index('name: catalogue\nversion: 0\n') },
  { title: 'a version that is a text', ...index('name: catalogue\nversion: "2"\n') },
  { title: 'a version that is no whole number', ...index('name: catalogue\nversion: 1.5\n') },
  { title: 'an alias that no engine takes', ...index('name: catalogue\nversion: 1\naliases: { read: "a,b", write: 5, raed: x }\n') },
  { title: 'an alias that is a concrete index', ...index('name: catalogue\nversion: 1\naliases: { read: catalogue-v2 }\n') },
  { title: 'misspelt keys of an index file', ...index('name: catalogue\nversion: 1\nmapping: {}\nsetings: {}\n') },
  { title: 'mappings that are a list', ...index('name: catalogue\nversion: 1\nmappings: []\nsettings: 5\n') },
  { title: 'fields that are no fields', ...index('name: catalogue\nversion: 1\nmappings:\n  properties:\n    a: keyword\n    b: { type: 5 }\n    c: { index: false }\n    d.e: { type: keyword, properties: {} }\n    f: { type: text, fields: { g: long } }\n') },
  { title: 'properties that are a list', ...index('name: catalogue\nversion: 1\nmappings: { properties: [a] }\n') },
  { title: 'settings that are no JSON', ...index(`export default { name: 'catalogue', version: 1, settings: { number_of_shards: () => 1, when: new Date(0), n: NaN } }`, 'catalogue.ts') },
  { title: 'migrations for versions that are not', ...index(`export default { name: 'catalogue', version: 2, migrations: { 1: { up: (d) => d }, 2: { up: (d) => d }, 3: { up: (d) => d }, two: { up: (d) => d } } }`, 'catalogue.ts') },
  { title: 'migrations of version one', ...index(`export default { name: 'catalogue', version: 1, migrations: { 1: { up: (d) => d } } }`, 'catalogue.ts') },
  { title: 'a migration that is a function', ...index(`export default { name: 'catalogue', version: 2, migrations: { 2: (d) => d } }`, 'catalogue.ts') },
  { title: 'a migration that is a text', ...index('name: catalogue\nversion: 2\nmigrations: { 2: { up: "doc => doc" } }\n') },
  { title: 'a migration with unknown keys', ...index(`export default { name: 'catalogue', version: 2, migrations: { 2: { upp: (d) => d, donw: 5 } } }`, 'catalogue.ts') },
  { title: 'reingest that is no function', ...index('name: catalogue\nversion: 1\nreingest: ./feed.js\nversioning: outside\n') },
  { title: 'a family of everything', ...index('name: "*"\nversion: 1\n') },
  { title: 'a family with two stars', ...index('name: tenant-*-*\nversion: 1\n') },
  { title: 'aliases of a family that do not tell its members apart', ...index('name: tenant-*\nversion: 1\naliases: { read: tenants }\n') },
  { title: 'an alias with a star and no family', ...index('name: catalogue\nversion: 1\naliases: { read: "catalogue-*" }\n') },
  { title: 'two families with one alias', files: { 'twindex.config.yaml': CONFIG, 'indexes/a.yaml': 'name: a-*\nversion: 1\naliases: { read: "r-*" }\n', 'indexes/b.yaml': 'name: b-*\nversion: 1\naliases: { write: "r-*" }\n' } },
  { title: 'two files with one name', files: { 'twindex.config.yaml': CONFIG, 'indexes/a.yaml': GOOD, 'indexes/b.yaml': GOOD } },
  { title: 'two files with one alias', files: { 'twindex.config.yaml': CONFIG, 'indexes/a.yaml': GOOD, 'indexes/b.yaml': 'name: b\nversion: 1\naliases: { read: good-write }\n' } },
  { title: 'several wrong files at once', files: { 'twindex.config.yaml': CONFIG, 'indexes/a.yaml': 'name: A\nversion: 0\n', 'indexes/b.json': '{', 'indexes/c.ts': 'export default 5' } },
];
