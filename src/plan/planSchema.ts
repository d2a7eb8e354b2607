// The zod schema of `twindex plan --json` and of the file that `--out` writes. `npm run docs:schemas` makes
// schemas/plan.schema.json from it.
import { z } from 'zod';

const json = z.unknown();
const about = <T extends z.ZodType>(schema: T, description: string): T => schema.meta({ description });
const text = (description: string) => about(z.string(), description);
const whole = (description: string) => about(z.int().min(0), description);

const versioned = z.object({ index: text('The name of the index.'), version: z.int().min(1) });

const change = z.object({
  path: text('For example `mappings.properties.price.type`.'),
  before: about(json, 'The value of the live index. Left out if it has none.').optional(),
  after: about(json, 'The declared value. Left out if there is none.').optional(),
  needs: about(
    z.enum(['in-place', 'close-and-open', 'new-version', 'blocked']),
    'How the change can be applied.',
  ),
  reason: text('The reason in one sentence.'),
});

const finding = z.object({
  check: text('The name of the preflight check.'),
  level: z.enum(['block', 'warn', 'info']),
  message: text('What was found, and what to do.'),
});

const time = z.object({
  of: text('The index of this cluster whose earlier migration the estimate comes from.'),
  docsPerSecond: about(z.number(), 'The rate at which it was copied.'),
  copyMs: whole('The estimated duration of the copy.'),
  verifyMs: whole('The estimated duration of the verification. Left out if it is not known.').optional(),
});

const estimate = z.object({
  documents: whole('The number of documents of the live index.'),
  bytes: whole('The size of one copy of the live index.'),
  diskBytes: whole('The space that the new index needs, with its replicas.'),
  time: about(time, 'Left out if there is no estimate.').optional(),
});

const step = z.object({
  name: z.enum([
    'create',
    'change',
    'close-and-open',
    'copy',
    'verify',
    'move-readers',
    'move-writers',
    'keep-in-sync',
    'delete',
  ]),
  what: text('What is done.'),
  takes: text('How long it takes, for people.'),
  estimatedMs: whole('The estimated duration. Left out if there is no estimate.').optional(),
  noticed: text('Who notices it; `nobody` if nobody does.'),
});

const running = z.object({
  state: z.string(),
  goal: z.string(),
  paused: z.boolean(),
  source: versioned,
  target: versioned,
  layout: z.enum(['two-aliases', 'one-alias', 'bare-index']),
  hasTransform: z.boolean(),
  route: z.string(),
});

const objectOf = (description: string) => about(z.record(z.string(), json), description);

const plan = z.object({
  name: text('The name in the index file.'),
  kind: about(
    z.enum(['create', 'nothing', 'in-place', 'close-and-open', 'new-version', 'running', 'blocked']),
    'What `twindex migrate` would do.',
  ),
  source: about(
    versioned.extend({
      uuid: text('`index.uuid`.'),
      cluster: about(
        z.object({ uuid: z.string(), engine: z.string(), nodes: z.array(z.string()) }),
        'The cluster of the live index, if it is not the cluster of the target.',
      ).optional(),
    }),
    'The live index.',
  ).optional(),
  target: about(versioned, 'The index that is created.').optional(),
  layout: z.enum(['two-aliases', 'one-alias', 'bare-index', 'none']),
  changes: about(z.array(change), 'The differences between the live index and the index file.'),
  kept: about(
    z.object({
      fields: z.array(z.object({ name: z.string(), type: z.string() })),
      settings: objectOf('By their full names.'),
    }),
    'Fields and settings that stay although the index file does not mention them.',
  ).optional(),
  content: about(
    z.object({
      settings: objectOf('By their full names.'),
      mappings: objectOf('The mappings.'),
      aliases: objectOf('Left out if the aliases of the live index are kept.').optional(),
    }),
    'The whole content of the index that is created.',
  ).optional(),
  findings: about(z.array(finding), 'The findings of the preflight checks.'),
  estimate: about(estimate, 'For a new version.').optional(),
  route: about(z.object({ name: z.string(), reason: z.string() }), 'How documents are copied.').optional(),
  transform: about(z.boolean(), 'Whether documents are changed while they are copied to the new index.'),
  lossyWayBack: about(z.boolean(), 'Whether a rollback after the switch may lose data.'),
  running: about(running, 'The migration that is under way.').optional(),
  fingerprint: text(
    'A hash of the live index, the index file and the kind. A saved plan is stale if it differs.',
  ),
  steps: about(z.array(step), 'The steps of `twindex migrate`, in their order.'),
  cannotBeUndone: about(
    z.array(z.string()),
    'The losses that no later command can undo, one sentence for each.',
  ),
  sample: about(json, 'With `--sample`: docs/commands.md describes it.').optional(),
});

/**
 * Raise the number of the format if a member is removed or changes its meaning. A new member does not require
 * this.
 */
export const planReportSchema = z.object({
  format: z.literal('twindex-plan-1'),
  plans: about(z.array(plan), 'Sorted by name.'),
});
