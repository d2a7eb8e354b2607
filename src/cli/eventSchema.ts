// The schema of the events that `--json` prints (docs/events.md, schemas/events.schema.json). Only tests and
// scripts load it: a command that prints events does not check them.
import { z } from 'zod';
import { evidenceSchema, reingestSchema, STATES } from '../protocol/record.js';
import { PHASES } from '../protocol/states.js';
import { EVENT_FORMAT } from '../eventFormat.js';

const name = z.string().describe('The name of the index in its index file.');
const documents = z.number().int().min(0);
const phase = z.enum(PHASES);

/** The fields of every event. */
const head = <Name extends string>(event: Name) => ({
  event: z.literal(event),
  format: z
    .literal(EVENT_FORMAT)
    .describe('The version of this schema. New fields and new events do not raise it.'),
  at: z.iso.datetime().describe('When the event was printed (RFC 3339, UTC).'),
  level: z.enum(['info', 'warn', 'error']),
});

const plan = z
  .strictObject({
    ...head('plan'),
    plan: z.looseObject({ name, kind: z.string() }).describe('As in `twindex plan --json`.'),
  })
  .describe('The plan that is carried out. It comes before the events of its migration.');

const state = z
  .strictObject({ ...head('state'), migration: name, from: z.enum(STATES), to: z.enum(STATES) })
  .describe('The migration enters a state (docs/states.md).');

const reached = z
  .strictObject({ ...head('reached'), migration: name, phase })
  .describe('A phase begins (docs/concepts.md), or the coordinator begins in this phase.');

const progress = z
  .strictObject({
    ...head('progress'),
    migration: name,
    task: z
      .enum(['copy', 'verify', 'searches'])
      .describe('`copy` and `verify` count documents, `searches` counts searches.'),
    done: documents.describe('Never decreases within a task, even after a crash of the coordinator.'),
    total: documents.optional().describe('Missing if it is not known.'),
    rate: z.number().min(0).describe('The number per second over the last 10 s.'),
    etaMs: z.number().min(0).optional().describe('The remaining time. Missing if it is not known.'),
  })
  .describe('The progress of a task. Printed four times a second at most.');

const lag = z
  .strictObject({
    ...head('lag'),
    migration: name,
    operations: documents.describe('The number of operations that the follower lacks.'),
    lagMs: z.number().min(0).describe('The duration of the last round of following.'),
    deletesPending: z.boolean().describe('True if documents were deleted since the last comparison of ids.'),
  })
  .describe('How far the follower is behind. Printed when it has changed, and once a second at most.');

const note = z
  .strictObject({ ...head('note'), migration: name, text: z.string() })
  .describe('A sentence for people. Do not parse its text.');

const effect = z
  .strictObject({
    ...head('effect'),
    migration: name,
    name: z.string().describe('The name of the change, for example `moveReaders`.'),
    ms: z.number().min(0),
  })
  .describe('The cluster was changed.');

const result = z
  .strictObject({
    ...head('result'),
    name,
    phase: z
      .enum([...PHASES, 'done', 'paused'])
      .describe('`done`: the live index was changed in place. `paused`: the answer to `twindex pause`.'),
    index: z.string().optional().describe('The index that was changed or created, or that is left.'),
    evidence: evidenceSchema.optional(),
    reingest: reingestSchema.unwrap().unwrap().optional(),
  })
  .describe('The last event of a migration in this run.');

const failure = z.strictObject({ name, code: z.string(), message: z.string(), hint: z.string().optional() });

const summary = z
  .strictObject({
    ...head('summary'),
    done: z.array(name),
    unchanged: z.array(name).describe('These indexes already were as they are declared.'),
    needsYou: z.array(z.strictObject({ name, message: z.string() })),
    failed: z.array(failure),
    interrupted: z.array(name),
  })
  .describe('The last event of a run over several indexes.');

export const eventSchema = z.discriminatedUnion('event', [
  plan,
  state,
  reached,
  progress,
  lag,
  note,
  effect,
  result,
  summary,
]);
