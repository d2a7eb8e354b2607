// One request and its answer, as the client's connection sees it.

export interface Exchange {
  /** Some of the answer has been written. */
  readonly hasBegun: boolean;
  /** How long it may stay unanswered once it is sent. */
  readonly answerMs: number;
  /** It changes nothing, so it is given up when nobody waits for it. */
  readonly onlyReads: boolean;
  /** `together`: the first piece of the body follows at once, and `onPiece` after it. */
  start(together: boolean): void;
  onBody(bytes: Buffer): void;
  onBodyEnd(): void;
  /** All has been given of what was read at once. */
  onPiece(): void;
  /** The client takes more again. */
  onDrain(): void;
  /** The client waits no more: it has gone, or its request turned out to be none. */
  onGone(): void;
  /** The answer has not come in time. */
  onTimeout(): void;
}
