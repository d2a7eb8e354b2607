// Asks an engine whether it accepts a schema, without creating anything, and finds the part that it refuses.
import { copiesToWaitFor, WAIT_FOR } from './checks/allocation.js';
import type { Finding } from './checks/check.js';
import { replicasOf } from './checks/shardLimit.js';
import type { Cluster } from '../cluster/cluster.js';
import { simulateTemplate } from '../cluster/indices/simulateTemplate.js';
import { concernsOneRequest } from '../cluster/engineErrors.js';
import { messageOf } from '../errors.js';
import type { IndexBody } from '../cluster/indices/createIndex.js';
import type { Schema } from '../schema/diff.js';
import { objectAt, sameJson } from '../json/plain.js';
import type { JsonObject } from '../json/jsonTypes.js';
import { declaredSettings, settingsToCreate } from '../schema/normaliseSettings.js';
import { findRefused, refusedAt } from '../schema/refusedAt.js';
import { templateTrials } from '../schema/templateTrials.js';
import { type Refusal, untriedRefusal } from '../schema/untried.js';
import type { Kept } from '../schema/undeclared.js';

const ALIASES = 'aliases';

export interface TriedContent extends Schema {
  readonly aliases?: IndexBody['aliases'];
}

export type EngineAnswer =
  | { readonly type: 'taken' }
  | {
      readonly type: 'refused';
      /** For example `mappings.properties.price.type`; undefined if the refused part cannot be found. */
      readonly path: string | undefined;
      readonly reason: string;
    }
  | { readonly type: 'notAsked'; readonly why: string };

/**
 * @param standing for a change in place: the live schema. If the engine refuses both schemas (an older engine may
 * have created the index), the answer is `notAsked`, since the refusal says nothing about the change
 * @throws TwindexError `unreachable`, `unanswered`, and `unauthorized` for wrong credentials
 */
export async function askEngine(
  cluster: Cluster,
  schema: TriedContent,
  standing?: Schema,
): Promise<EngineAnswer> {
  try {
    const reason = await refusal(cluster, schema);
    if (reason === undefined) {
      const untried = standing ? undefined : untriedRefusal(schema, cluster.engine);
      const isStanding =
        standing && sameJson(standing.mappings['dynamic_templates'], schema.mappings['dynamic_templates']);
      const refused = untried ?? (isStanding ? undefined : await refusedTemplate(cluster, schema));
      return refused ? { type: 'refused', ...refused } : { type: 'taken' };
    }
    if (standing) {
      const before = await refusal(cluster, standing);
      if (before !== undefined)
        return { type: 'notAsked', why: `it refuses even the index as it is now (${before})` };
    }
    return { type: 'refused', path: await whereRefused(cluster, schema, reason), reason };
  } catch (error) {
    if (!concernsOneRequest(error)) throw error;
    return { type: 'notAsked', why: messageOf(error) };
  }
}

const trialField = (n: number): string => `twindex_trial_${n}`;

/** Finds a dynamic template from which the engine could not make any field. */
async function refusedTemplate(
  cluster: Cluster,
  { settings, mappings }: Schema,
): Promise<Refusal | undefined> {
  const trials = templateTrials(mappings);
  const tryFields = (fields: readonly JsonObject[]): Promise<string | undefined> =>
    refusal(cluster, {
      // the schema may already have the maximum number of fields, and the trials add more
      settings: { ...declaredSettings(settings), 'index.mapping.total_fields.limit': 1_000_000 },
      mappings: {
        ...mappings,
        properties: {
          ...objectAt(mappings['properties']),
          ...Object.fromEntries(fields.map((field, n) => [trialField(n), field])),
        },
      },
    });
  const firstOfEach = trials.flatMap(({ fields }) => fields.slice(0, 1));
  if (trials.length === 0 || (await tryFields(firstOfEach)) === undefined) return undefined;
  for (const { path, fields } of trials) {
    const reasons: string[] = [];
    for (const field of fields) {
      const reason = await tryFields([field]);
      if (reason === undefined) break;
      reasons.push(reason);
    }
    const [reason] = reasons;
    if (reason !== undefined && reasons.length === fields.length)
      return { path, reason: reason.replaceAll(trialField(0), 'a field that it applies to') };
  }
  return undefined;
}

async function whereRefused(
  cluster: Cluster,
  { settings, mappings, aliases }: TriedContent,
  reason: string,
): Promise<string | undefined> {
  const isSame = async (part: Schema): Promise<boolean> => (await refusal(cluster, part)) === reason;
  const schema = { settings, mappings };
  // The aliases are the cause if, without them, the engine accepts the schema or gives another reason.
  if (aliases && !(await isSame(schema))) return ALIASES;
  return refusedAt(schema, reason) ?? (await findRefused(schema, reason, isSame));
}

async function refusal(cluster: Cluster, content: TriedContent): Promise<string | undefined> {
  const { mappings, aliases } = content;
  // The simulated index has one shard and no replicas, so the engine would refuse a partition size, and writes
  // that wait for replicas. Leave out both settings, but keep the second if the declared replicas are too few for it.
  const {
    'index.routing_partition_size': _,
    [WAIT_FOR]: waitFor,
    ...others
  } = settingsToCreate(content.settings);
  const isTooMany = copiesToWaitFor(content.settings) > 1 + replicasOf(content.settings);
  const settings = isTooMany && waitFor !== undefined ? { ...others, [WAIT_FOR]: waitFor } : others;
  const causes = await simulateTemplate(cluster, {
    settings,
    mappings,
    ...(aliases ? { aliases } : {}),
  });
  return causes && reasonIn(causes);
}

/** Joins the causes, without the text about the simulated template. Leaves out causes that another one contains. */
function reasonIn(causes: readonly string[]): string {
  const said = causes.flatMap((cause) => {
    const inner = /^index_template \[[^\]]*\] invalid, cause \[(?:Validation Failed: )?(.*?);?\]$/s.exec(
      cause,
    )?.[1];
    if (inner !== undefined) return [inner.replace(/^1: (?!.*; ?2: )/s, '')];
    return cause.includes('simulate_template_')
      ? []
      : [
          cause
            .replace(/^Failed to parse mapping(?: \[_doc\])?: /, '')
            .replace(/\[validate-template-[^\]]*\]/, 'it'),
        ];
  });
  const whole = said.filter(
    (cause, n) => !said.some((other, m) => m !== n && other.includes(cause) && (other !== cause || m < n)),
  );
  return (whole.length > 0 ? whole : causes).join(': ').replace(/\.$/, '');
}

export interface Asked {
  readonly file: string;
  /** The index to create or change. */
  readonly index: string;
  readonly answer: EngineAnswer;
  /** Paths for which a blocking finding exists already. */
  readonly blocked?: readonly string[];
  /** The fields and settings that the index file does not mention; undefined without a live index. */
  readonly kept?: Kept;
}

/** Makes the findings of a plan from the engine's response. */
export function answerFindings({ file, index, answer, blocked = [], kept }: Asked): Finding[] {
  if (answer.type === 'taken') return [];
  if (answer.type === 'notAsked')
    return [
      {
        check: 'engine',
        level: 'warn',
        message:
          `the engine could not be asked whether it accepts ${index} as declared: ${answer.why}. If the engine refuses it, ` +
          'the plan fails when it is carried out.',
      },
    ];
  const { path, reason } = answer;
  if (
    path !== undefined &&
    blocked.some((known) => `${known}.`.startsWith(`${path}.`) || path.startsWith(`${known}.`))
  )
    return [];
  const where = path === undefined ? file : `${file}: ${path}`;
  const advice =
    kept && path !== undefined && isKept(path, kept)
      ? 'The live index has this part, but the index file does not mention it. Declare it in the index file, in the form that the new index should have'
      : 'Correct the index file';
  return [
    {
      check: 'engine',
      level: 'block',
      message: `${where}: the engine refuses to create or change ${index} in this way: ${reason}. ${advice}, then plan again.`,
    },
  ];
}

function isKept(path: string, { fields, settings }: Kept): boolean {
  const setting = /^settings\.(.+)$/.exec(path)?.[1];
  if (setting !== undefined)
    return Object.keys(settings).some((name) => `${name}.`.startsWith(`index.${setting}.`));
  const full = path
    .replace(/^mappings\.(properties\.|runtime\.)?/, '')
    .replaceAll(/\.(properties|fields)\./g, '.');
  return fields.some(({ name }) => `${full}.`.startsWith(`${name}.`));
}
