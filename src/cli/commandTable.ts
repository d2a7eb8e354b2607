// Every command of twindex: its line in `twindex --help`, and its module. Only the module of the command that
// is called is loaded, because loading all of them would slow every start.
import type { Register } from './cli.js';
import type { SteeringVerb } from './commands/steer.js';

interface Entry {
  /** Name and arguments: `migrate [names...]`. */
  readonly usage: string;
  readonly summary: string;
  /** Loads the function that adds the options and the action. */
  readonly load: () => Promise<Register>;
}

const steer = (verb: SteeringVerb) => async () =>
  (await import('./commands/steer.js')).registerSteering(verb);

export const COMMANDS: readonly Entry[] = [
  {
    usage: 'init [indexes...]',
    summary: 'write the configuration and index files from a live cluster',
    load: async () => (await import('./commands/init.js')).registerInit,
  },
  {
    usage: 'types <name>',
    summary: 'print TypeScript types of the documents of an index',
    load: async () => (await import('./commands/printTypes.js')).registerTypes,
  },
  {
    usage: 'plan [names...]',
    summary: 'compare the live indexes with the declared ones',
    load: async () => (await import('./commands/plan.js')).registerPlan,
  },
  {
    usage: 'migrate [names...]',
    summary: 'migrate live indexes to their declared versions, or resume a migration',
    load: async () => (await import('./commands/migrate.js')).registerMigrate,
  },
  {
    usage: 'status [name]',
    summary: 'show the state of migrations',
    load: async () => (await import('./commands/status.js')).registerStatus,
  },
  {
    usage: 'history <name>',
    summary: 'show who did what and when, in all migrations of a name',
    load: async () => (await import('./commands/history.js')).registerHistory,
  },
  { usage: 'pause <name>', summary: 'pause a migration: nothing is copied or moved', load: steer('pause') },
  { usage: 'resume <name>', summary: 'resume a paused migration', load: steer('resume') },
  { usage: 'cutover <name>', summary: 'move the readers to the new index', load: steer('cutover') },
  { usage: 'switch <name>', summary: 'move the writers to the new index', load: steer('switch') },
  {
    usage: 'rollback <name>',
    summary: 'move readers and writers back to the old index',
    load: steer('rollback'),
  },
  {
    usage: 'finalize <name>',
    summary: 'finish: delete the old index (no rollback after this)',
    load: steer('finalize'),
  },
  { usage: 'abort <name>', summary: 'abort: delete the new index, keep the old one', load: steer('abort') },
  {
    usage: 'detach <name>',
    summary: 'end a migration when one of its indexes is lost for good (no rollback after this)',
    load: async () => (await import('./commands/detach.js')).registerDetach,
  },
  {
    usage: 'verify <name>',
    summary: 'compare every document and every id of both indexes; changes nothing',
    load: async () => (await import('./commands/verify.js')).registerVerify,
  },
  {
    usage: 'rejected <name> [action] [ids...]',
    summary:
      'rejected documents: list (the default), show ID, replay [ID...], edit ID --file FILE, drop ID...',
    load: async () => (await import('./commands/rejected.js')).registerRejected,
  },
  {
    usage: 'throttle <name>',
    summary: 'show or change how fast documents are copied',
    load: async () => (await import('./commands/throttle.js')).registerThrottle,
  },
  {
    usage: 'reads <name>',
    summary: 'show or change how gateways route searches during a migration',
    load: async () => (await import('./commands/reads.js')).registerReads,
  },
  {
    usage: 'queries <name>',
    summary: "compare the results of the application's searches on both indexes",
    load: async () => (await import('./commands/queries.js')).registerQueries,
  },
  {
    usage: 'writers <name>',
    summary: 'show the gateways and client libraries, and the document versions that they send',
    load: async () => (await import('./commands/writers.js')).registerWriters,
  },
  {
    usage: 'worker [names...]',
    summary: 'help to copy documents for migrations that run elsewhere',
    load: async () => (await import('./commands/worker.js')).registerWorker,
  },
  {
    usage: 'gateway',
    summary: 'HTTP proxy in front of the cluster, which writes to both indexes during a migration',
    load: async () => (await import('./commands/gateway.js')).registerGateway,
  },
  {
    usage: 'demo',
    summary: 'watch a migration: starts a real engine with a catalogue, readers and writers',
    load: async () => (await import('./commands/demo.js')).registerDemo,
  },
];
