// Prints an event for programs: one JSON object per line (docs/events.md).
import { withHead } from '../../eventFormat.js';
import { type Io, print } from '../../terminal.js';
import { printJson } from '../../json/exactJson.js';

export const eventText = (event: object): string => printJson(withHead(event));

export const printEvent = (io: Io, event: object): void => print(io, eventText(event));
