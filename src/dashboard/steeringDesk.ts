// Carries out the actions of the page, with the same code as the commands of the command line.
import { z } from 'zod';
import type { Project } from '../api/project.js';
import { steerMigration } from '../api/steerMigration.js';
import { steerRunning } from '../coordinator/migration/steering/sendCommand.js';
import { messageOf, TwindexError } from '../errors.js';
import { EventBus } from '../events.js';
import { loadRecord } from '../journal/journal.js';
import type { ThrottleCommand } from '../protocol/record.js';
import { THRESHOLDS, type Threshold } from '../schema/acceptance.js';
import { typedFor, VERBS } from './actions.js';
import type { Request, Verb } from './pageTypes.js';

const throttle = z.strictObject({
  auto: z.boolean().optional(),
  maxDocsPerSecond: z.number().positive().max(1e9).nullable().optional(),
  maxSlowdown: z.number().gt(1).max(100).optional(),
  paused: z.boolean().optional(),
});

const asked = z.strictObject({
  /** The name of the index to delete, as the person has typed it. */
  typed: z.string().max(300).optional(),
  supersede: z.boolean().optional(),
  force: z.array(z.enum(Object.keys(THRESHOLDS) as [Threshold, ...Threshold[]])).optional(),
  throttle: throttle.optional(),
});
type Asked = z.infer<typeof asked>;

export const isVerb = (text: string): text is Verb => (VERBS as readonly string[]).includes(text);

/** How long an answer waits for the outcome, usually a refusal. A later outcome is sent in the event stream. */
const ANSWER_MS = 1_500;

interface DeskOptions {
  readonly project: Project;
  readonly onChange: (request: Request) => void;
  readonly tell: (line: string) => void;
}

export class SteeringDesk {
  readonly #options: DeskOptions;
  readonly #stopping = new AbortController();
  readonly #running = new Set<Promise<unknown>>();
  #last = 0;

  constructor(options: DeskOptions) {
    this.#options = options;
  }

  /**
   * Begins an action, and waits a moment for its outcome.
   * @throws TwindexError `usage` for a wrong body, `not_found`, `unsafe` if another name was typed
   */
  async begin(name: string, verb: Verb, body: unknown): Promise<Request> {
    const wanted = requireAsked(body);
    await this.#requireTyped(name, verb, wanted.typed);
    const id = ++this.#last;
    let request: Request = { id, name, verb, at: new Date().toISOString(), outcome: 'waiting', text: '' };
    const change = (more: Partial<Request>): void => {
      request = { ...request, ...more };
      this.#options.onChange(request);
    };
    change({});
    const work = this.#carryOut(name, verb, wanted, (text) => change({ text })).then(
      () => change({ outcome: 'done', text: '' }),
      (error: unknown) => change({ outcome: 'failed', text: messageOf(error) }),
    );
    this.#running.add(work);
    void work.finally(() => this.#running.delete(work));
    await Promise.race([work, new Promise((resolve) => setTimeout(resolve, ANSWER_MS).unref())]);
    return request;
  }

  /** Stops the migrations that this process coordinates because of an action. They can be continued later. */
  async stop(): Promise<void> {
    this.#stopping.abort(new TwindexError('interrupted', 'the dashboard was stopped'));
    await Promise.allSettled(this.#running);
  }

  async #requireTyped(name: string, verb: Verb, typed: string | undefined): Promise<void> {
    const record = (await loadRecord(this.#options.project.cluster, name))?.source;
    if (!record)
      throw new TwindexError('not_found', `the journal of this cluster has no migration of ${name}`);
    const index = typedFor(record, verb);
    if (index === null || typed === index) return;
    throw new TwindexError(
      'unsafe',
      `${verb} cannot be undone. To confirm it, type the name of the index that it takes away: ${index}`,
    );
  }

  async #carryOut(name: string, verb: Verb, wanted: Asked, note: (text: string) => void): Promise<void> {
    const { project, tell } = this.#options;
    const { signal } = this.#stopping;
    const { supersede, force } = wanted;
    tell(`${name}: ${verb} was requested on the dashboard`);
    if (verb === 'throttle')
      return await steerRunning(project.cluster, name, 'throttle', {
        signal,
        throttle: given(wanted.throttle),
      });
    await this.#steer({ name, verb, force, supersede }, note);
  }

  /**
   * Sends the command. The action counts as done when the journal says so. If no other process coordinates the
   * migration, this process does. It then goes on after the action, to keep the two indexes in sync.
   */
  async #steer(
    {
      name,
      verb,
      ...more
    }: Pick<Asked, 'force' | 'supersede'> & {
      readonly name: string;
      readonly verb: Exclude<Verb, 'throttle'>;
    },
    note: (text: string) => void,
  ): Promise<void> {
    const { project, tell } = this.#options;
    const { signal } = this.#stopping;
    await new Promise<void>((resolve, reject) => {
      const work = steerMigration(project, {
        name,
        verb,
        ...more,
        stay: true,
        bus: new EventBus(),
        signal,
        onLook: ({ message }, _, isDone) => (isDone ? undefined : note(message)),
        onMoved: resolve,
        tell: (line) => {
          tell(line);
          note(line);
        },
      }).then(() => resolve(), reject);
      this.#running.add(work);
      void work.finally(() => this.#running.delete(work));
    });
  }
}

function requireAsked(body: unknown): Asked {
  const { success, data, error } = asked.safeParse(body);
  if (success) return data;
  const [issue] = error.issues;
  throw new TwindexError(
    'usage',
    `the body of this request is wrong: ${issue?.path.join('.') ?? ''} ${issue?.message ?? ''}`,
  );
}

/** Leaves out keys whose value is undefined, so that they do not replace a setting. */
const given = (values: Asked['throttle'] = {}): Partial<ThrottleCommand> =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
