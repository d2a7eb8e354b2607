// Runs the hooks before the next gate in the background, while both indexes are kept in sync. Before each
// gate, the state machine asks for the result of the hooks.
import type { MigrationRecord } from '../../../protocol/record.js';
import type { BeforeHookPoint, Hook, Hooks } from '../../../schema/types.js';
import { nameOf, runHook } from './runHook.js';
import { payloadOf } from './hookPayload.js';

export type BeforeState =
  | { readonly type: 'passed' }
  | { readonly type: 'running'; readonly text: string }
  | { readonly type: 'failed'; readonly hookPoint: BeforeHookPoint; readonly reason: string };

interface Begun {
  /** The gate, identified by its hook points. */
  readonly gate: string;
  readonly stopping: AbortController;
  readonly ended: Promise<void>;
}

interface Due {
  readonly hookPoint: BeforeHookPoint;
  readonly hook: Hook;
}

export class BeforeHooks {
  readonly #hooks: Hooks['before'];
  readonly #note: (text: string, level: 'info' | 'warn') => void;
  #begun: Begun | undefined;
  #state: BeforeState = { type: 'passed' };

  constructor(hooks: Hooks | undefined, note: (text: string, level: 'info' | 'warn') => void) {
    this.#hooks = hooks?.before ?? {};
    this.#note = note;
  }

  /** The first call for a gate begins its hooks. */
  look(moments: readonly BeforeHookPoint[], record: MigrationRecord): BeforeState {
    const due = moments.flatMap((hookPoint) =>
      (this.#hooks[hookPoint] ?? []).map((hook): Due => ({ hookPoint, hook })),
    );
    if (due.length === 0) return { type: 'passed' };
    const gate = moments.join();
    if (this.#begun?.gate !== gate) this.#begin(gate, due, record);
    // A rollback does not wait for its hooks.
    return moments.includes('rollback') ? { type: 'passed' } : this.#state;
  }

  /** Aborts the hooks and drops their results, since another move is requested. */
  forget(): void {
    this.#begun?.stopping.abort();
    this.#begun = undefined;
  }

  /** Waits for the hooks of a rollback, since the rollback itself does not wait for them. */
  async finish(): Promise<void> {
    if (this.#begun?.gate === 'rollback') await this.#begun.ended;
  }

  #begin(gate: string, due: readonly Due[], record: MigrationRecord): void {
    this.forget();
    const stopping = new AbortController();
    this.#begun = { gate, stopping, ended: this.#run(due, record, stopping.signal) };
  }

  async #run(due: readonly Due[], record: MigrationRecord, signal: AbortSignal): Promise<void> {
    for (const { hookPoint, hook } of due) {
      const text = `the hook before ${hookPoint} is running: ${nameOf(hook)}`;
      this.#state = { type: 'running', text };
      // For other hooks the state machine shows this message.
      if (hookPoint === 'rollback') this.#note(text, 'info');
      const reason = await runHook(hook, payloadOf(record, 'before', hookPoint), signal);
      if (signal.aborted) return;
      if (reason === undefined) continue;
      if (hookPoint === 'rollback') this.#note(`the hook before ${hookPoint} failed: ${reason}`, 'warn');
      else this.#state = { type: 'failed', hookPoint, reason };
      if (hookPoint !== 'rollback') return;
    }
    this.#state = { type: 'passed' };
  }
}
