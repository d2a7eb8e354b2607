// The hooks before the next border: they run in the background, while both indexes are kept in step, and are looked at
// whenever the machine would cross it.
import type { MigrationRecord } from '../../../protocol/record.js';
import type { BeforeMoment, Hook, Hooks } from '../../../schema/types.js';
import { nameOf, runHook } from './runHook.js';
import { toldOf } from './hookPayload.js';

export type BeforeState =
  | { readonly type: 'passed' }
  | { readonly type: 'running'; readonly text: string }
  | { readonly type: 'failed'; readonly moment: BeforeMoment; readonly reason: string };

interface Begun {
  /** The border that they are for. */
  readonly border: string;
  readonly stopping: AbortController;
  readonly ended: Promise<void>;
}

interface Due {
  readonly moment: BeforeMoment;
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

  /** Begins those of a border when it is asked for the first time. */
  look(moments: readonly BeforeMoment[], record: MigrationRecord): BeforeState {
    const due = moments.flatMap((moment) =>
      (this.#hooks[moment] ?? []).map((hook): Due => ({ moment, hook })),
    );
    if (due.length === 0) return { type: 'passed' };
    const border = moments.join();
    if (this.#begun?.border !== border) this.#begin(border, due, record);
    // the way back is free: they are told, and not asked
    return moments.includes('rollback') ? { type: 'passed' } : this.#state;
  }

  /** What they have said counts no more, as something else is asked for. */
  forget(): void {
    this.#begun?.stopping.abort();
    this.#begun = undefined;
  }

  /** When those of a way back have ended: nobody has waited for them. */
  async finish(): Promise<void> {
    if (this.#begun?.border === 'rollback') await this.#begun.ended;
  }

  #begin(border: string, due: readonly Due[], record: MigrationRecord): void {
    this.forget();
    const stopping = new AbortController();
    this.#begun = { border, stopping, ended: this.#run(due, record, stopping.signal) };
  }

  async #run(due: readonly Due[], record: MigrationRecord, signal: AbortSignal): Promise<void> {
    for (const { moment, hook } of due) {
      const text = `the hook before ${moment} is run: ${nameOf(hook)}`;
      this.#state = { type: 'running', text };
      // of the others the machine says what it waits for
      if (moment === 'rollback') this.#note(text, 'info');
      const reason = await runHook(hook, toldOf(record, 'before', moment), signal);
      if (signal.aborted) return;
      if (reason === undefined) continue;
      if (moment === 'rollback') this.#note(`the hook before ${moment} failed: ${reason}`, 'warn');
      else this.#state = { type: 'failed', moment, reason };
      if (moment !== 'rollback') return;
    }
    this.#state = { type: 'passed' };
  }
}
