// Runs the hooks after each phase, and sends notifications. Both run in the background, one after the other.
// Only a coordinator that ends waits for them.
import type { MigrationRecord } from '../../../protocol/record.js';
import { type Phase, phaseOf } from '../../../protocol/states.js';
import { whyRejected } from '../whyRejected.js';
import type { Hooks, HttpCall } from '../../../schema/types.js';
import { hookPointsAfter } from './hookPoints.js';
import { originOf, post } from './post.js';
import { runHook } from './runHook.js';
import { payloadOf } from './hookPayload.js';

const NOTIFY_TIMEOUT_MS = 10_000;

interface Notice {
  readonly what: 'needsYou' | 'done' | 'failed';
  readonly text: string;
}

export interface AnnouncerParts {
  readonly hooks: Hooks | undefined;
  readonly notify: HttpCall | undefined;
  readonly record: () => MigrationRecord;
  /** Stages the last announced phase, to be saved with the next write of the record. */
  readonly stage: (patch: Pick<MigrationRecord, 'announced'>) => void;
  readonly note: (text: string, level: 'info' | 'warn') => void;
}

export class Announcer {
  readonly #parts: AnnouncerParts;
  readonly #stopping = new AbortController();
  /** The last phase that was announced or queued. */
  #reached: string | undefined;
  #queue: Promise<void> = Promise.resolve();

  constructor(parts: AnnouncerParts) {
    this.#parts = parts;
  }

  /** Announces a phase once. If this coordinator ends before that, the next coordinator announces it. */
  reached(phase: Phase): void {
    const { hooks, stage } = this.#parts;
    const record = this.#parts.record();
    const before = this.#reached ?? record.announced;
    this.#reached = phase;
    if (before === phase) return;
    const due = hookPointsAfter(before, phase).flatMap((hookPoint) =>
      (hooks?.after[hookPoint] ?? []).map((hook) => ({
        hook,
        payload: payloadOf(record, 'after', hookPoint),
      })),
    );
    const notice = noticeOf(record, phase);
    this.#then(async (signal) => {
      for (const { hook, payload } of due) {
        const reason = await runHook(hook, payload, signal);
        if (reason !== undefined) this.#warn(`the hook after ${payload.phase} failed: ${reason}`);
      }
      if (notice) await this.#notify(notice);
      if (!signal.aborted) stage({ announced: phase });
    });
  }

  needsYou(text: string): void {
    this.#then(() => this.#notify({ what: 'needsYou', text }));
  }

  failed(text: string): void {
    this.#then(() => this.#notify({ what: 'failed', text }));
  }

  async finish(): Promise<void> {
    await this.#queue;
  }

  /** Aborts the running hook or request. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#queue;
  }

  #then(work: (signal: AbortSignal) => Promise<void>): void {
    const { signal } = this.#stopping;
    this.#queue = this.#queue.then(() => (signal.aborted ? undefined : work(signal)));
  }

  async #notify({ what, text }: Notice): Promise<void> {
    const { notify, record } = this.#parts;
    if (!notify) return;
    const { name } = record();
    const body = { name, what, phase: phaseOf(record()), text, at: new Date().toISOString() };
    const { signal } = this.#stopping;
    const reason = await post(notify, body, { timeoutMs: NOTIFY_TIMEOUT_MS, signal });
    if (reason !== undefined) this.#warn(`the notification failed: ${originOf(notify)} ${reason}`);
  }

  #warn(text: string): void {
    if (!this.#stopping.signal.aborted) this.#parts.note(text, 'warn');
  }
}

const NEXT: { readonly [P in Phase]?: string } = {
  ready: 'cutover',
  cutover: 'switch',
  switched: 'finalize',
};

/** The notification, if a person is needed, the requested gate is reached, or the migration is over. */
function noticeOf(record: MigrationRecord, phase: Phase): Notice | undefined {
  const { name, goal, source, target, layout } = record;
  if (phase === 'incomplete') return { what: 'needsYou', text: whyRejected(record, record.rejected) };
  if (phase === 'finalized')
    return { what: 'done', text: `readers and writers of ${name} use ${target.index}` };
  if (phase === 'aborted')
    return { what: 'done', text: `${name} was aborted: readers and writers use ${source.index}` };
  if (phase !== goal) return undefined;
  const next = phase === 'ready' && layout !== 'two-aliases' ? 'switch' : NEXT[phase];
  return { what: 'needsYou', text: `${name} is ${phase}. The next command: twindex ${next} ${name}` };
}
