// Prints an event for programs: one JSON object per line (docs/events.md).
import { type Io, print } from '../../terminal.js';
import { printJson } from '../../json/exactJson.js';

/** Raised when a field of an event is removed, renamed, or gets another meaning. New fields do not raise it. */
export const EVENT_FORMAT = 1;

/** @param event with the field `event`, its name. `level` is `info` unless the event has one */
export function eventText(event: object): string {
  const { event: name, ...fields } = event as { readonly event: string };
  const at = new Date().toISOString();
  return printJson({ event: name, format: EVENT_FORMAT, at, level: 'info', ...fields });
}

export const printEvent = (io: Io, event: object): void => print(io, eventText(event));
