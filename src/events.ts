// The one catalogue of events: progress bar, log lines and --json all listen to it.
import { EventEmitter } from 'node:events';

export interface Progress {
  /** `copy`, `verify`, `compare-ids`: what is counted. */
  readonly task: string;
  readonly done: number;
  /** Undefined when it is not known. */
  readonly total: number | undefined;
  /** Per second, over the last seconds. */
  readonly rate: number;
  readonly etaMs: number | undefined;
}

export interface Events {
  /** A state of the machine begins. */
  state: [{ readonly migration: string; readonly from: string; readonly to: string }];
  progress: [Progress & { readonly migration: string }];
  /** How far T is behind S, by writes and by deletes. */
  lag: [
    {
      readonly migration: string;
      readonly operations: number;
      readonly lagMs: number;
      readonly deletesPending: boolean;
    },
  ];
  /** The phase that a user sees has changed: copying, verifying, ready, cutover, switched, returning, finalized, aborted. */
  reached: [{ readonly migration: string; readonly phase: string }];
  /** One line for the user. */
  note: [{ readonly migration: string; readonly level: 'info' | 'warn'; readonly text: string }];
  /** A mutating step of the machine was done. */
  effect: [{ readonly migration: string; readonly name: string; readonly ms: number }];
}

export class EventBus extends EventEmitter<Events> {}
