// The connection to the server: the stream of updates, which connects again by itself, and single requests. The stream is
// read with fetch, since an EventSource cannot send the token in a header, and addresses are logged.
import type { About, Failure, Update } from '../../src/dashboard/pageTypes.js';

export type Link = 'connecting' | 'live' | 'lost' | 'denied';

const TOKEN = 'twindex-token';

/** The token, which the browser keeps until the tab is closed. */
export const token = {
  get: (): string => sessionStorage.getItem(TOKEN) ?? '',
  set: (value: string): void => sessionStorage.setItem(TOKEN, value),
  forget: (): void => sessionStorage.removeItem(TOKEN),
};

const withToken = (): Record<string, string> =>
  token.get() === '' ? {} : { authorization: `Bearer ${token.get()}` };

export class ServerError extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

async function read<T>(response: Response): Promise<T> {
  if (response.ok) return (await response.json()) as T;
  const failure = (await response.json().catch(() => undefined)) as Failure | undefined;
  throw new ServerError(
    response.status,
    failure?.error.message ?? `the server answers with ${response.status}`,
  );
}

export const get = async <T>(path: string): Promise<T> => read(await fetch(path, { headers: withToken() }));

export const getAbout = (): Promise<About> => get('/api/about');

/** @throws ServerError with the server's message; TypeError if the server does not answer */
export async function post<T>(path: string, body: object): Promise<T> {
  const headers = { 'content-type': 'application/json', 'x-twindex-dashboard': '1', ...withToken() };
  return read(await fetch(path, { method: 'POST', headers, body: JSON.stringify(body) }));
}

/** After this silence, the connection counts as lost. The server sends something every 10 s. */
const SILENCE_MS = 25_000;
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 8_000;

interface Listener {
  readonly onUpdate: (update: Update) => void;
  readonly onLink: (link: Link) => void;
}

/** @param name the migration that is shown @returns a function that ends the stream */
export function openStream(name: string | undefined, { onUpdate, onLink }: Listener): () => void {
  const ending = new AbortController();
  const stream = new EventReader(name, ending.signal, onUpdate, () => onLink('live'));
  const run = async (): Promise<void> => {
    let pause = FIRST_PAUSE_MS;
    onLink('connecting');
    while (!ending.signal.aborted) {
      const before = stream.events;
      const outcome = await stream.read();
      if (ending.signal.aborted) return;
      if (outcome === 'denied') return onLink('denied');
      onLink('lost');
      pause = stream.events > before ? FIRST_PAUSE_MS : Math.min(2 * pause, LONGEST_PAUSE_MS);
      await waited(pause, ending.signal);
    }
  };
  void run();
  return () => ending.abort();
}

/** Waits, but not longer than until the machine is online again. */
const waited = (ms: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const end = (): void => {
      clearTimeout(timer);
      removeEventListener('online', end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    addEventListener('online', end, { once: true });
    signal.addEventListener('abort', end, { once: true });
  });

class EventReader {
  readonly #path: string;
  readonly #signal: AbortSignal;
  readonly #onUpdate: (update: Update) => void;
  readonly #onEvent: () => void;
  #lastId = '';
  events = 0;

  constructor(
    name: string | undefined,
    signal: AbortSignal,
    onUpdate: (update: Update) => void,
    onEvent: () => void,
  ) {
    this.#path = name === undefined ? '/api/events' : `/api/events?name=${encodeURIComponent(name)}`;
    this.#signal = signal;
    this.#onUpdate = onUpdate;
    this.#onEvent = onEvent;
  }

  /** Reads events until the connection ends. */
  async read(): Promise<'ended' | 'denied'> {
    const silence = new AbortController();
    let timer = 0;
    const heard = (): void => {
      clearTimeout(timer);
      timer = window.setTimeout(() => silence.abort(), SILENCE_MS);
    };
    try {
      heard();
      const headers = { ...withToken(), ...(this.#lastId === '' ? {} : { 'last-event-id': this.#lastId }) };
      const response = await fetch(this.#path, {
        headers,
        cache: 'no-store',
        signal: AbortSignal.any([this.#signal, silence.signal]),
      });
      if (response.status === 401) return 'denied';
      if (!response.ok || !response.body) return 'ended';
      const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
      let text = '';
      for (;;) {
        const { done, value } = await reader.read();
        if (done) return 'ended';
        heard();
        const parts = (text + value).split('\n\n');
        text = parts.pop() ?? '';
        for (const part of parts) this.#take(part);
      }
    } catch {
      return 'ended';
    } finally {
      clearTimeout(timer);
    }
  }

  #take(event: string): void {
    const lines = event.split('\n');
    const field = (name: string): string | undefined =>
      lines.find((line) => line.startsWith(`${name}: `))?.slice(name.length + 2);
    const data = field('data');
    if (data === undefined) return;
    this.#lastId = field('id') ?? this.#lastId;
    this.events++;
    this.#onEvent();
    this.#onUpdate(JSON.parse(data) as Update);
  }
}
