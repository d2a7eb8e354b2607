import { readFile } from 'node:fs/promises';
import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { EventBus, type Events } from '../events.js';
import { eventSchema } from './eventSchema.js';
import { eventText } from './text/printEvent.js';
import { reportJson } from './text/eventReport.js';

const root = new URL('../../', import.meta.url);
const FILE = 'schemas/events.schema.json';

test('the schema of events is what `npm run docs:schemas` writes', async () => {
  const { drawEvents } = (await import(new URL('scripts/drawSchemas.js', root).href)) as {
    drawEvents: (schema: z.ZodType) => string;
  };
  expect(await readFile(new URL(FILE, root), 'utf8')).toBe(drawEvents(eventSchema));
});

/** An event of each kind. The compiler reports one that is missing. */
const EMITTED: { readonly [E in keyof Events]: Events[E][0] } = {
  state: { migration: 'shop', from: 'copying', to: 'restoring' },
  progress: { migration: 'shop', task: 'copy', done: 1, total: undefined, rate: 2, etaMs: undefined },
  lag: { migration: 'shop', operations: 3, lagMs: 4, deletesPending: true },
  reached: { migration: 'shop', phase: 'incomplete' },
  note: { migration: 'shop', level: 'warn', text: 'slow' },
  effect: { migration: 'shop', name: 'moveReaders', ms: 12 },
};

test('every event of a migration is printed as the schema says', () => {
  const stdout = new PassThrough().setEncoding('utf8');
  const bus = new EventBus();
  const report = reportJson(bus, { stdout, stderr: new PassThrough(), stdin: new PassThrough() });
  for (const [event, payload] of Object.entries(EMITTED))
    bus.emit(event as 'state', payload as Events['state'][0]);
  report.stop();
  const lines = (stdout.read() as string).trimEnd().split('\n');
  const events = lines.map((line) => eventSchema.parse(JSON.parse(line)));
  expect(events.map(({ event, level }) => [event, level])).toEqual(
    Object.keys(EMITTED).map((event) => [event, event === 'note' ? 'warn' : 'info']),
  );
});

test('the drawn schema accepts fields of later versions, and no event without its time', async () => {
  const drawn: unknown = JSON.parse(await readFile(new URL(FILE, root), 'utf8'));
  const schema = z.fromJSONSchema(drawn as Parameters<typeof z.fromJSONSchema>[0]);
  const event = JSON.parse(
    eventText({ event: 'reached', migration: 'shop', phase: 'ready', later: 1 }),
  ) as object;
  expect(schema.safeParse(event).error).toBeUndefined();
  expect(schema.safeParse({ ...event, at: undefined }).success).toBe(false);
  expect(schema.safeParse({ ...event, phase: 'unheard-of' }).success).toBe(false);
  expect(schema.safeParse({ ...event, format: 2 }).success).toBe(false);
});

test('docs/events.md names every event', async () => {
  const page = await readFile(new URL('docs/events.md', root), 'utf8');
  for (const { shape } of eventSchema.options) expect(page).toContain(`| \`${shape.event.value}\` |`);
});
