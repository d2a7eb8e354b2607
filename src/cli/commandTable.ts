// Every command of twindex: its lines in the help, and its module. Only the module of the command that is called is
// loaded, because loading all of them would slow every start.
import type { Register } from './cli.js';
import type { SteeringVerb } from './commands/steer.js';

/** The headings of `twindex --help`, in their order. */
export const GROUPS = {
  prepare: 'Prepare a change:',
  migrate: 'Migrate:',
  steer: 'Steer a migration:',
  look: 'Look at a migration:',
  tools: 'Tools:',
} as const;

interface Example {
  /** An example of the command line, without `twindex`. */
  readonly run: string;
  readonly does: string;
}

export interface CommandEntry {
  /** Name and arguments: `migrate [names...]`. */
  readonly usage: string;
  readonly summary: string;
  readonly group: keyof typeof GROUPS;
  readonly examples: readonly Example[];
  /** The common options that the command has. Both by default. */
  readonly takes?: readonly ('config' | 'json')[];
  /** True for a command that only scripts call. The help leaves it out. */
  readonly hidden?: true;
  /** Loads the function that adds the options and the action. */
  readonly load: () => Promise<Register>;
}

const steer = (verb: SteeringVerb) => async () =>
  (await import('./commands/steer.js')).registerSteering(verb);

export const COMMANDS: readonly CommandEntry[] = [
  {
    usage: 'init [index...]',
    summary: 'write the configuration and index files from a live cluster',
    group: 'prepare',
    examples: [
      { run: 'init --url http://localhost:9200', does: 'write the configuration, and a file for each index' },
      { run: "init 'shop-*' --write", does: 'add index files to an existing configuration' },
      { run: 'init products', does: 'print the index file of the live index products' },
    ],
    load: async () => (await import('./commands/init.js')).registerInit,
  },
  {
    usage: 'types <name>',
    summary: 'print TypeScript types of the documents of an index',
    group: 'prepare',
    examples: [{ run: 'types products --out products.d.ts', does: 'write the type of a document to a file' }],
    load: async () => (await import('./commands/printTypes.js')).registerTypes,
  },
  {
    usage: 'plan [names...]',
    summary: 'compare the live indexes with the declared ones',
    group: 'prepare',
    examples: [
      { run: 'plan', does: 'show the plan of each index that is declared' },
      { run: 'plan books --sample 1000', does: 'try the change on 1,000 live documents' },
      { run: 'plan --format markdown', does: 'print the plans for a comment on a pull request' },
      { run: 'plan --check', does: 'in a pipeline: exit with 2 if there is something to do' },
    ],
    load: async () => (await import('./commands/plan.js')).registerPlan,
  },
  {
    usage: 'lint [names...]',
    summary: 'compare the index files with what was released last, without a cluster',
    group: 'prepare',
    examples: [
      { run: 'lint', does: 'in a pull request: exit with 3 if a change is not safe' },
      { run: 'lint --write books', does: 'after the release: record the index file of books as released' },
    ],
    load: async () => (await import('./commands/lint.js')).registerLint,
  },
  {
    usage: 'migrate [names...]',
    summary: 'migrate live indexes to their declared versions, or resume a migration',
    group: 'migrate',
    examples: [
      { run: 'migrate books', does: 'on a terminal: show the plan, and ask before each move' },
      {
        run: 'migrate books --yes --until ready',
        does: 'ask nothing; copy and verify, but move no readers or writers',
      },
      { run: "migrate 'tenant-*' --yes --at-once 8", does: 'many indexes, eight at a time' },
    ],
    load: async () => (await import('./commands/migrate.js')).registerMigrate,
  },
  {
    usage: 'throttle <name>',
    summary: 'show or change how fast documents are copied',
    group: 'migrate',
    examples: [
      { run: 'throttle books', does: 'show the limits, and why the copy is slowed down' },
      { run: 'throttle books --max-docs 2000/s', does: 'copy at most 2,000 documents per second' },
    ],
    load: async () => (await import('./commands/throttle.js')).registerThrottle,
  },
  {
    usage: 'worker [names...]',
    summary: 'help to copy documents for migrations that run elsewhere',
    group: 'migrate',
    examples: [{ run: 'worker', does: 'copy for all migrations of this configuration, until Ctrl-C' }],
    load: async () => (await import('./commands/worker.js')).registerWorker,
  },
  {
    usage: 'gateway',
    summary: 'HTTP proxy in front of the cluster, which writes to both indexes during a migration',
    group: 'migrate',
    examples: [
      { run: 'gateway --port 9201', does: 'accept the requests of applications on this machine' },
      {
        run: 'gateway --host 0.0.0.0 --tls-cert cert.pem --tls-key key.pem',
        does: 'accept requests from other machines, by https',
      },
    ],
    load: async () => (await import('./commands/gateway.js')).registerGateway,
  },
  {
    usage: 'cutover <name>',
    summary: 'move the readers to the new index',
    group: 'steer',
    examples: [{ run: 'cutover books', does: 'move the readers; you can move them back at any time' }],
    load: steer('cutover'),
  },
  {
    usage: 'switch <name>',
    summary: 'move the writers to the new index',
    group: 'steer',
    examples: [{ run: 'switch books', does: 'move the writers, in a short pause' }],
    load: steer('switch'),
  },
  {
    usage: 'rollback <name>',
    summary: 'move readers and writers back to the old index',
    group: 'steer',
    examples: [{ run: 'rollback books', does: 'move readers and writers back to the old index' }],
    load: steer('rollback'),
  },
  {
    usage: 'finalize <name>',
    summary: 'finish: delete the old index (no rollback after this)',
    group: 'steer',
    examples: [
      { run: 'finalize books', does: 'on a terminal: ask, then delete the old index' },
      { run: 'finalize books --yes', does: 'in a script: delete the old index without a question' },
    ],
    load: steer('finalize'),
  },
  {
    usage: 'pause <name>',
    summary: 'pause a migration: nothing is copied or moved',
    group: 'steer',
    examples: [{ run: 'pause books', does: 'stop copying and moving, until somebody resumes the migration' }],
    load: steer('pause'),
  },
  {
    usage: 'resume <name>',
    summary: 'resume a paused migration',
    group: 'steer',
    examples: [{ run: 'resume books', does: 'continue where the migration was paused' }],
    load: steer('resume'),
  },
  {
    usage: 'abort <name>',
    summary: 'abort: delete the new index, keep the old one',
    group: 'steer',
    examples: [{ run: 'abort books', does: 'abort the migration, and delete the new index' }],
    load: steer('abort'),
  },
  {
    usage: 'detach <name>',
    summary: 'end a migration when one of its indexes is lost for good (no rollback after this)',
    group: 'steer',
    examples: [
      { run: 'detach books', does: 'show which index can be given up' },
      { run: 'detach books --give-up books-v2', does: 'continue with the other index alone' },
    ],
    load: async () => (await import('./commands/detach.js')).registerDetach,
  },
  {
    usage: 'status [name]',
    summary: 'show the state of migrations',
    group: 'look',
    examples: [
      { run: 'status', does: 'show all migrations that are under way' },
      { run: 'status books --watch', does: 'show one migration, until it is over' },
    ],
    load: async () => (await import('./commands/status.js')).registerStatus,
  },
  {
    usage: 'history <name>',
    summary: 'show who did what and when, in all migrations of a name',
    group: 'look',
    examples: [{ run: 'history books', does: 'show every move, with the person and the reason' }],
    load: async () => (await import('./commands/history.js')).registerHistory,
  },
  {
    usage: 'verify <name>',
    summary: 'compare every document and every id of both indexes; changes nothing',
    group: 'look',
    examples: [
      { run: 'verify books', does: 'compare both indexes under live writes' },
      { run: 'verify books --out differences.ndjson', does: 'compare, and write every difference to a file' },
      { run: 'verify books --repair', does: 'let the coordinator correct the differences' },
    ],
    load: async () => (await import('./commands/verify.js')).registerVerify,
  },
  {
    usage: 'rejected <name> [action] [ids...]',
    summary:
      'rejected documents: list (the default), show ID, replay [ID...], edit ID --file FILE, drop ID...',
    group: 'look',
    examples: [
      { run: 'rejected books', does: 'list the documents that the new index refuses, with the reasons' },
      {
        run: 'rejected books edit 17 --file 17.json',
        does: 'replace document 17 by the corrected one in the file',
      },
      { run: 'rejected books drop 17', does: 'continue without this document' },
    ],
    load: async () => (await import('./commands/rejected.js')).registerRejected,
  },
  {
    usage: 'queries <name>',
    summary: "compare the results of the application's searches on both indexes",
    group: 'look',
    examples: [
      { run: 'queries books', does: 'run the declared and the recorded searches' },
      { run: 'queries books --file searches.ndjson', does: 'run the searches in a file' },
    ],
    load: async () => (await import('./commands/queries.js')).registerQueries,
  },
  {
    usage: 'reads <name>',
    summary: 'show or change how gateways route searches during a migration',
    group: 'look',
    examples: [
      { run: 'reads books --record 5%', does: 'record 5 % of the searches, to run them with `queries`' },
      {
        run: 'reads books --shadow 100%',
        does: 'send searches to the new index as well, and compare the answers',
      },
      { run: 'reads books --canary 10%', does: 'let the new index answer 10 % of the searches' },
    ],
    load: async () => (await import('./commands/reads.js')).registerReads,
  },
  {
    usage: 'writers <name>',
    summary: 'show the gateways and client libraries, and the document versions that they send',
    group: 'look',
    examples: [
      { run: 'writers books', does: 'show which processes write, and the versions that they send' },
      {
        run: 'writers books --version 2',
        does: 'treat writes that name no version as version 2, when the old release no longer runs',
      },
    ],
    load: async () => (await import('./commands/writers.js')).registerWriters,
  },
  {
    usage: 'dashboard',
    summary: 'serve a web page that shows and steers every migration of the cluster',
    group: 'look',
    examples: [
      { run: 'dashboard', does: 'on this machine: look at every migration' },
      {
        run: 'dashboard --token-file token',
        does: 'look at and steer every migration, with the token in this file',
      },
    ],
    load: async () => (await import('./commands/dashboard.js')).registerDashboard,
  },
  {
    usage: 'demo',
    summary: 'watch a migration: starts a real engine with a catalogue, readers and writers',
    group: 'tools',
    examples: [{ run: 'demo', does: 'run a whole migration, in about three minutes' }],
    takes: ['json'],
    load: async () => (await import('./commands/demo.js')).registerDemo,
  },
  {
    usage: 'completion <shell>',
    summary: 'print a script that completes commands, options and names of indexes in your shell',
    group: 'tools',
    examples: [
      { run: 'completion bash >> ~/.bashrc', does: 'bash' },
      { run: 'completion zsh >> ~/.zshrc', does: 'zsh, after compinit' },
      { run: 'completion fish > ~/.config/fish/completions/twindex.fish', does: 'fish' },
    ],
    takes: [],
    load: async () => (await import('./commands/completion.js')).registerCompletion,
  },
  {
    usage: 'version',
    summary: 'show the versions of twindex, of Node, and of the engine of the configured cluster',
    group: 'tools',
    examples: [{ run: 'version', does: 'show the versions for a bug report' }],
    load: async () => (await import('./commands/version.js')).registerVersion,
  },
  {
    usage: 'help [command]',
    summary: 'show the help of twindex or of a command',
    group: 'tools',
    examples: [
      { run: 'help migrate', does: 'show the options of migrate' },
      { run: 'help --json', does: 'print all commands and options as JSON, for programs' },
    ],
    takes: ['json'],
    load: async () => (await import('./commands/help.js')).registerHelp,
  },
  {
    usage: 'complete [words...]',
    summary: 'print the words that may come next; the scripts of `completion` call this',
    group: 'tools',
    examples: [],
    takes: [],
    hidden: true,
    load: async () => (await import('./commands/complete.js')).registerComplete,
  },
];

/** For example `migrate` of `migrate [names...]`. */
export const nameOfEntry = ({ usage }: CommandEntry): string => usage.split(' ')[0] as string;
