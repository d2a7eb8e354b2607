// The form of an event for programs (docs/events.md): as a line of `--json`, and as an object in code.

/** Raised when a field of an event is removed, renamed, or gets another meaning. New fields do not raise it. */
export const EVENT_FORMAT = 1;

/** The fields that every event has. */
export interface EventHead<E extends string = string> {
  /** The name of the event. */
  readonly event: E;
  readonly format: typeof EVENT_FORMAT;
  /** RFC 3339, UTC. */
  readonly at: string;
  readonly level: 'info' | 'warn' | 'error';
}

/** @param event with the field `event`, its name. `level` is `info` unless the event has one */
export function withHead(event: object): EventHead {
  const { event: name, ...fields } = event as { readonly event: string };
  const at = new Date().toISOString();
  return { event: name, format: EVENT_FORMAT, at, level: 'info', ...fields };
}
