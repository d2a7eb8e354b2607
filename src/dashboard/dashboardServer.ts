// The server of the dashboard. It reads the journal, so it shows every migration of the cluster, whichever
// process coordinates it. Begin reading at `DashboardServer.answer`.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Project } from '../api/project.js';
import { getHistory } from '../coordinator/migration/steering/getHistory.js';
import { messageOf, TwindexError } from '../errors.js';
import { type MetricsPage, metricsPage } from '../metrics/metricsPage.js';
import { isObject } from '../json/plain.js';
import { packageVersion } from '../packageVersion.js';
import { engineTitle } from '../schema/nearestName.js';
import { Slots } from '../slots.js';
import { compareSearches, viewRejected } from './documentViews.js';
import { JournalWatch } from './journalWatch.js';
import { HttpError, readJson, sendError, sendFile, sendJson, sendText, startEvents } from './httpAnswers.js';
import { type PageFile, readPageFiles } from './pageFiles.js';
import type { About, HistoryView, PastMigration, Request } from './pageTypes.js';
import { type Access, isLoopback, refusalOf, type Rules } from './requestGuard.js';
import { isVerb, SteeringDesk } from './steeringDesk.js';
import { TokenFile } from './tokenFile.js';
import { streamUpdates, versionOf } from './updateStream.js';

export interface DashboardOptions {
  readonly project: Project;
  /** 0 takes any free port. */
  readonly port: number;
  readonly host: string;
  /** The file with the token that steering needs. Without it, the dashboard is read-only. */
  readonly tokenFile?: string | undefined;
  /** Receives one line for the log. */
  readonly tell: (line: string) => void;
}

export interface Dashboard {
  /** For example `http://127.0.0.1:9202`. */
  readonly url: string;
  stop(): Promise<void>;
}

const MOST_STREAMS = 200;
const MOST_CONNECTIONS = 1_000;
/** Reads of history, searches and rejected documents at one time. Each of them reads from the engine. */
const MOST_READS = 8;
const LIMITS = {
  maxHeaderSize: 16 << 10,
  headersTimeout: 10_000,
  requestTimeout: 20_000,
  keepAliveTimeout: 15_000,
  connectionsCheckingInterval: 5_000,
} as const;

/**
 * @throws TwindexError `usage` (no token where one is needed, or a wrong token file), `failed` (cannot listen, or
 * the page is not built)
 */
export async function startDashboard(options: DashboardOptions): Promise<Dashboard> {
  const { host, port, tokenFile } = options;
  const rules = { host, isLoopback: isLoopback(host) };
  if (!rules.isLoopback && tokenFile === undefined)
    throw new TwindexError(
      'usage',
      `--host ${host}: other machines can reach this address, so reading needs a token as well`,
      {
        hint: 'Add the file with the token: --token-file FILE. Without a token, use --host 127.0.0.1.',
      },
    );
  const token = tokenFile === undefined ? undefined : await TokenFile.open(tokenFile);
  const dashboard = new DashboardServer(options, { rules, token, files: await readPageFiles() });
  const server = createServer(LIMITS, (request, response) => void dashboard.answer(request, response));
  server.maxConnections = MOST_CONNECTIONS;
  await listen(server, host, port);
  dashboard.start();
  const { port: listening } = server.address() as AddressInfo;
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${listening}`,
    stop: async () => {
      const closed = new Promise((resolve) => server.close(resolve));
      await dashboard.stop();
      server.closeAllConnections();
      await closed;
    },
  };
}

async function listen(server: Server, host: string, port: number): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const failed = (error: Error) => {
      const what = `the dashboard can't listen on ${host}:${port}: ${messageOf(error)}`;
      reject(new TwindexError('failed', what, { cause: error, hint: 'Use another --port or --host.' }));
    };
    server.once('error', failed).listen(port, host, () => {
      server.off('error', failed);
      resolve();
    });
  });
}

interface Parts {
  readonly rules: Rules;
  readonly token: TokenFile | undefined;
  readonly files: ReadonlyMap<string, PageFile>;
}

interface Call {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly url: URL;
}

interface Route {
  readonly access: Access;
  readonly handle: (call: Call, ...parts: string[]) => Promise<void> | void;
}

class DashboardServer {
  readonly #options: DashboardOptions;
  readonly #parts: Parts;
  readonly #watch: JournalWatch;
  readonly #desk: SteeringDesk;
  readonly #metrics: MetricsPage;
  readonly #stopping = new AbortController();
  readonly #reads = new Slots(MOST_READS);
  #streams = 0;
  /** Why the token file could not be read. Each reason is logged once. */
  #tokenTrouble = '';

  constructor(options: DashboardOptions, parts: Parts) {
    const { project, tell } = options;
    this.#options = options;
    this.#parts = parts;
    this.#watch = new JournalWatch(project.cluster);
    this.#metrics = metricsPage(project.cluster);
    const onChange = (request: Request): void => {
      this.#watch.note(request);
      this.#watch.pollNow();
    };
    this.#desk = new SteeringDesk({ project, onChange, tell });
  }

  start(): void {
    this.#watch.start();
  }

  async stop(): Promise<void> {
    this.#stopping.abort(new TwindexError('interrupted', 'the dashboard was stopped'));
    await Promise.all([this.#watch.stop(), this.#desk.stop()]);
  }

  async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      const url = urlOf(request);
      const [route, ...names] = this.#routeOf(url.pathname);
      const refusal = refusalOf(route.access, request, this.#parts.rules);
      if (refusal) throw new HttpError(refusal.status, 'forbidden', refusal.message);
      await this.#requireToken(route.access, request);
      await route.handle({ request, response, url }, ...names);
    } catch (error) {
      sendError(response, error);
    }
  }

  #routeOf(path: string): [Route, ...string[]] {
    const file = this.#parts.files.get(path);
    if (file)
      return [{ access: 'page', handle: ({ request, response }) => sendFile(request, response, file) }];
    for (const [pattern, route] of this.#routes) {
      const found = pattern.exec(path);
      if (found) return [route, ...found.slice(1).map(decoded)];
    }
    throw new HttpError(404, 'not_found', 'there is no such path');
  }

  readonly #routes: readonly (readonly [RegExp, Route])[] = [
    [/^\/-\/health$/, { access: 'page', handle: ({ response }) => sendJson(response, { status: 'ok' }) }],
    [/^\/metrics$/, { access: 'read', handle: (call) => this.#serveMetrics(call) }],
    [/^\/api\/about$/, { access: 'page', handle: ({ response }) => sendJson(response, this.#about()) }],
    [/^\/api\/events$/, { access: 'read', handle: (call) => this.#events(call) }],
    [
      /^\/api\/history\/([^/]+)$/,
      { access: 'read', handle: (call, name = '') => this.#limited(() => this.#history(call, name)) },
    ],
    [
      /^\/api\/searches\/([^/]+)$/,
      { access: 'act', handle: (call, name = '') => this.#limited(() => this.#searches(call, name)) },
    ],
    [
      /^\/api\/rejected\/([^/]+)$/,
      { access: 'act', handle: (call, name = '') => this.#limited(() => this.#rejected(call, name)) },
    ],
    [
      /^\/api\/migrations\/([^/]+)\/([a-z]+)$/,
      { access: 'act', handle: (call, name = '', verb = '') => this.#steer(call, name, verb) },
    ],
  ];

  /** Actions always need the token, and reading if other machines can reach this server. The page needs none. */
  async #requireToken(access: Access, { headers }: IncomingMessage): Promise<void> {
    const { rules, token } = this.#parts;
    if (access === 'page' || (access === 'read' && rules.isLoopback)) return;
    if (!token)
      throw new HttpError(
        403,
        'forbidden',
        'this dashboard was started without --token-file, so it is read-only',
      );
    if (await this.#accepts(token, headers.authorization)) return;
    const given = headers.authorization !== undefined;
    throw new HttpError(401, 'unauthorized', given ? 'the token is wrong' : 'a token is needed');
  }

  /** An error of the token file names the file. So only the log gets it, and not a client without the token. */
  async #accepts(token: TokenFile, authorization: string | undefined): Promise<boolean> {
    try {
      const isAccepted = await token.accepts(authorization);
      this.#tokenTrouble = '';
      return isAccepted;
    } catch (error) {
      const trouble = messageOf(error);
      if (trouble !== this.#tokenTrouble) this.#options.tell(trouble);
      this.#tokenTrouble = trouble;
      throw new HttpError(503, 'failed', "the dashboard can't read its token. Its log says why");
    }
  }

  /** Facts that are shown without a token, so they name neither the cluster nor an index. */
  #about(): About {
    const { rules, token } = this.#parts;
    const reading = rules.isLoopback ? 'open' : 'token';
    const { engine } = this.#options.project.cluster;
    return {
      engine: rules.isLoopback ? engineTitle(engine) : '',
      twindex: packageVersion(),
      reading,
      steering: token !== undefined,
    };
  }

  #events({ request, response, url }: Call): void {
    // A response without a socket waits behind an unfinished answer on the same connection. Neither such a response
    // nor a destroyed one emits `close`, so it would count as an open page for ever.
    if (response.socket === null || response.destroyed)
      throw new HttpError(400, 'usage', 'a stream of events needs a connection of its own');
    if (this.#streams >= MOST_STREAMS)
      throw new HttpError(503, 'overloaded', 'too many pages of the dashboard are open');
    this.#streams++;
    response.on('close', () => this.#streams--);
    startEvents(response);
    const last = request.headers['last-event-id'];
    const since = versionOf(Array.isArray(last) ? last[0] : last);
    streamUpdates(response, this.#watch, { name: url.searchParams.get('name') ?? undefined, since });
  }

  async #serveMetrics({ response }: Call): Promise<void> {
    sendText(response, this.#metrics.contentType, await this.#metrics.read());
  }

  async #limited(read: () => Promise<void>): Promise<void> {
    if (!this.#reads.take())
      throw new HttpError(
        503,
        'overloaded',
        `the dashboard is already carrying out ${MOST_READS} such requests`,
      );
    try {
      await read();
    } finally {
      this.#reads.release();
    }
  }

  async #history({ response }: Call, name: string): Promise<void> {
    const { cluster } = this.#options.project;
    const all = await getHistory(cluster, name);
    const migrations = all.map((one): PastMigration => {
      const { entries: _, ...rest } = one;
      return rest;
    });
    sendJson(response, { name, migrations } satisfies HistoryView);
  }

  async #searches({ request, response }: Call, name: string): Promise<void> {
    await readJson(request);
    sendJson(response, await compareSearches(this.#options.project, name, this.#stopping.signal));
  }

  async #rejected({ request, response }: Call, name: string): Promise<void> {
    const body = await readJson(request);
    const { id, routing } = isObject(body) ? body : {};
    if (typeof id !== 'string' || (routing !== null && typeof routing !== 'string'))
      throw new TwindexError('usage', 'the body of this request is wrong: it must have id and routing');
    sendJson(
      response,
      await viewRejected(this.#options.project, { name, id, routing }, this.#stopping.signal),
    );
  }

  async #steer({ request, response }: Call, name: string, verb: string): Promise<void> {
    const body = await readJson(request);
    if (!isVerb(verb)) throw new HttpError(404, 'not_found', `${verb} is no action`);
    sendJson(response, await this.#desk.begin(name, verb, body));
  }
}

const BASE = 'http://dashboard';

/** The path and the query of a request. All other parts of the URL are refused. */
function urlOf({ url = '' }: IncomingMessage): URL {
  // a path that begins with `//` or `/\` would count as the name of a host
  if (!/^\/(?![/\\])/.test(url) || url.length > 4_096 || !URL.canParse(url, BASE))
    throw new HttpError(400, 'usage', 'the path is wrong');
  return new URL(url, BASE);
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw new HttpError(400, 'usage', 'the path is wrong');
  }
}
