// The stream of server-sent events for one page. A page that reconnects sends the id of the last event that
// it has received, and gets all changes since then.
import { randomUUID } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import type { JournalWatch } from './journalWatch.js';
import type { Update } from './pageTypes.js';

/** Part of each event id, since each process numbers its versions by itself. */
const PROCESS = randomUUID().slice(0, 8);
const HEARTBEAT_MS = 10_000;
/** How long an EventSource waits before it connects again. The page reads with fetch, and has pauses of its own. */
const RETRY_MS = 1_000;

export const eventId = (version: number, of: string = PROCESS): string => `${of}.${version}`;

/** @returns 0 for an id of another process: everything is sent again */
export function versionOf(id: string | undefined, of: string = PROCESS): number {
  const [process, version] = (id ?? '').split('.');
  return process === of && /^\d{1,15}$/.test(version ?? '') ? Number(version) : 0;
}

export const eventText = (update: Update, version: number): string =>
  `id: ${eventId(version)}\nevent: update\ndata: ${JSON.stringify(update)}\n\n`;

export const isEmpty = ({ whole, rows, gone, requests, detail, samples = [] }: Update): boolean =>
  !whole && rows.length + gone.length + requests.length + samples.length === 0 && detail === undefined;

/** Sends updates until the page is closed. @param since the version that the page already has; 0: nothing */
export function streamUpdates(
  response: ServerResponse,
  watch: JournalWatch,
  { name, since }: { readonly name: string | undefined; readonly since: number },
): void {
  let sent = since;
  let trouble: string | undefined;
  const send = (): void => {
    // a page that reads slowly gets all changes in one update when it can receive again
    if (response.writableNeedDrain || response.destroyed) return;
    const { version } = watch;
    const update = watch.updateSince(sent, name);
    if (sent !== 0 && isEmpty(update) && update.trouble === trouble) return;
    // Before the journal has been read, only trouble is sent. The page would take empty lists for the whole state.
    if (sent === 0 && update.readAt === null && update.trouble === '') return;
    response.write(eventText(update, version));
    sent = update.readAt === null ? 0 : version;
    ({ trouble } = update);
  };
  response.write(`retry: ${RETRY_MS}\n\n`);
  const unwatch = watch.watch(name, send);
  const heartbeat = setInterval(
    () => response.writableNeedDrain || response.write(': alive\n\n'),
    HEARTBEAT_MS,
  );
  response.on('drain', send);
  response.on('close', () => {
    clearInterval(heartbeat);
    unwatch();
  });
  send();
}
