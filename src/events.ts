// The events that a running migration emits. The progress bar, the log lines and `--json` are made from them.
import { EventEmitter } from 'node:events';

export interface Progress {
  /** The counted work: `copy` and `verify` count documents, `searches` counts searches. */
  readonly task: string;
  /** Never falls within a task, even after another coordinator has taken over. */
  readonly done: number;
  /** Undefined if the total is not known. */
  readonly total: number | undefined;
  /** The rate per second, measured over the last seconds. */
  readonly rate: number;
  readonly etaMs: number | undefined;
}

export interface Events {
  /** The state machine of a migration enters a state. */
  state: [{ readonly migration: string; readonly from: string; readonly to: string }];
  progress: [Progress & { readonly migration: string }];
  /** How far the follower is behind the leader, in writes and deletes. */
  lag: [
    {
      readonly migration: string;
      readonly operations: number;
      readonly lagMs: number;
      readonly deletesPending: boolean;
    },
  ];
  /** A phase was reached (docs/concepts.md, "Phases"), or a coordinator has begun in this phase. */
  reached: [{ readonly migration: string; readonly phase: string }];
  /** One line for the user. */
  note: [{ readonly migration: string; readonly level: 'info' | 'warn' | 'error'; readonly text: string }];
  /** A step of the state machine that changes something was carried out. */
  effect: [{ readonly migration: string; readonly name: string; readonly ms: number }];
}

// An object instead of a list, so that the compiler reports an event that is missing here.
const NAMES: Readonly<Record<keyof Events, true>> = {
  state: true,
  progress: true,
  lag: true,
  reached: true,
  note: true,
  effect: true,
};

export class EventBus extends EventEmitter<Events> {
  /** Listens to every event. @returns a function that stops listening */
  onEvery(listener: (event: keyof Events, payload: object) => void): () => void {
    const stops = (Object.keys(NAMES) as (keyof Events)[]).map((event) => {
      const own = (payload: object): void => listener(event, payload);
      this.on(event, own);
      return () => this.off(event, own);
    });
    return () => stops.forEach((stop) => stop());
  }
}
