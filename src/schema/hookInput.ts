// The types of hooks and notifications in a file. They are in a separate file, so that a user's compiler does
// not read the types of zod.
import type { AfterHookPoint, BeforeHookPoint } from './types.js';

/** A shell command, or a POST. */
export type HookInput =
  | string
  | {
      /** The shell runs it in the folder of the file that declares it. */
      readonly command: string;
      /**
       * Time limit in ms. A hook that takes longer has failed.
       * @default 60000
       */
      readonly timeoutMs?: number | undefined;
    }
  | {
      /** The address: `https://host/path`. */
      readonly url: string;
      readonly headers?: Readonly<Record<string, string>> | undefined;
      /**
       * Time limit in ms. A hook that takes longer has failed.
       * @default 60000
       */
      readonly timeoutMs?: number | undefined;
    };

/** One hook, or several in this order. */
export type HookInputs = HookInput | readonly HookInput[];

export interface HooksInput {
  /**
   * Hooks that run before a phase. If one fails, the phase does not begin; a rollback does not wait for them.
   * @default none
   */
  readonly before?: { readonly [M in BeforeHookPoint]?: HookInputs | undefined } | undefined;
  /**
   * Hooks that run after a phase. A hook that fails causes a warning.
   * @default none
   */
  readonly after?: { readonly [M in AfterHookPoint]?: HookInputs | undefined } | undefined;
}

export type NotifyInput =
  | string
  | { readonly url: string; readonly headers?: Readonly<Record<string, string>> | undefined };
