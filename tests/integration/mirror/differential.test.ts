// The same requests to a bare index and through a gateway, in each phase of a migration: the answers must be the same, and
// so must the documents; and the follower must have what the leader has.
// TWINDEX_DIFFERENTIAL_RUNS=100 for more of it, with other requests each time; TWINDEX_DIFFERENTIAL_SEED to repeat one.
import * as fc from 'fast-check';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import type { Cluster } from '../../../src/cluster/cluster.js';
import { createIndex } from '../../../src/cluster/indices/createIndex.js';
import { refresh } from '../../../src/cluster/indices/refresh.js';
import { stampOf } from '../../../src/protocol/stamp.js';
import { startGateway } from '../../../src/writers/gateway/gatewayServer.js';
import type { MigrationRecord } from '../../../src/protocol/record.js';
import { Mirror } from '../../../src/writers/mirror/mirror.js';
import type { Migration } from '../../../src/schema/types.js';
import type { JsonObject } from '../../../src/json/jsonTypes.js';
import { engineName, engineUrls, testCluster, uniqueName } from '../engine.js';
import { type Command, commands } from './differential/commands.js';
import { backInOldShape, Client, inNewShape, type SideOptions, sorted } from './differential/side.js';
import { Stage } from './stage.js';

const { TWINDEX_DIFFERENTIAL_RUNS: MANY, TWINDEX_DIFFERENTIAL_SEED: ONE } = process.env;
const RUNS = Number(MANY ?? 3);
/** The same requests each time, unless more are asked for. */
const SEED = ONE === undefined ? (MANY === undefined ? 1 : undefined) : Number(ONE);
const CLIENTS = 5;
const LENGTH = 14;

const SETTINGS = { number_of_shards: 1, number_of_replicas: 0, refresh_interval: '100ms' };
const FIELDS = {
  n: { type: 'long' },
  tags: { type: 'keyword' },
  deep: { properties: { a: { type: 'long' } } },
};
const OLD: JsonObject = {
  dynamic: false,
  properties: { ...FIELDS, price: { type: 'keyword' }, name: { type: 'keyword' } },
};
const NEW: JsonObject = {
  dynamic: false,
  properties: { ...FIELDS, price: { type: 'double' }, title: { type: 'keyword' } },
};
const MIGRATIONS: Readonly<Record<number, Migration>> = {
  2: {
    up: (doc) => inNewShape(doc) as typeof doc,
    down: (doc) => backInOldShape(doc) as typeof doc,
  },
};

interface Phase {
  readonly record: Partial<MigrationRecord>;
  readonly transform?: boolean;
  /** What clients send. */
  readonly newShape?: boolean;
}

const MIRRORING = { mode: 'mirror', generation: 1, pruned: 0, version: 1, moves: 0 } as const;
const SWITCHED = { leader: 'target', readers: 'target', epoch: 2 } as const;

const PHASES: Readonly<Record<string, Phase>> = {
  idle: { record: { state: 'finalized' } },
  'preparing to mirror': { record: { writers: { ...MIRRORING, mode: 'prepare' } } },
  mirroring: { record: { writers: MIRRORING } },
  'cut over': { record: { writers: MIRRORING, readers: 'target' } },
  switched: { record: { writers: MIRRORING, ...SWITCHED } },
  'mirroring, with documents of the next version': {
    record: { writers: MIRRORING },
    transform: true,
    newShape: true,
  },
  'switched, with documents of the version before': {
    record: { writers: MIRRORING, ...SWITCHED },
    transform: true,
  },
};

let cluster: Cluster;

beforeAll(async () => {
  cluster = await testCluster();
});

interface Sides {
  readonly stage: Stage;
  readonly bare: SideOptions;
  readonly ours: SideOptions;
}

async function prepare({ record, transform = false, newShape = false }: Phase): Promise<Sides> {
  const stage = await Stage.set(cluster, {
    mappings: OLD,
    targetMappings: transform ? NEW : OLD,
    settings: SETTINGS,
    record,
    ...(transform ? { migrations: MIGRATIONS } : {}),
  });
  const { read, write } = stage.definition.aliases;
  if (stage.record.readers === 'target')
    await stage.aliases([
      { remove: { index: stage.source, alias: read } },
      { add: { index: stage.target, alias: read } },
    ]);
  if (stage.record.leader === 'target')
    await stage.aliases([
      { remove: { index: stage.source, alias: write } },
      { add: { index: stage.target, alias: write } },
    ]);
  const bare = uniqueName('imb');
  await createIndex(cluster, `${bare}-v1`, {
    settings: SETTINGS,
    mappings: OLD,
    aliases: { [`${bare}-read`]: {}, [`${bare}-write`]: {} },
  });
  for (const name of [bare, stage.name])
    await createIndex(cluster, `${name}-other`, { settings: SETTINGS, mappings: OLD, aliases: {} });
  const mirror = await Mirror.start({
    cluster,
    definitions: [stage.definition],
    type: 'gateway',
    // nobody follows here: no copy may be given up
    copyLimits: { followerNotReadMs: 60_000, readMs: 60_000 },
  });
  const gateway = await startGateway({ cluster, mirror, port: 0 });
  onTestFinished(() => gateway.stop());
  const readsSecond = stage.record.readers !== stage.record.leader;
  const side = (url: string, name: string, shape: boolean): SideOptions => ({
    engine: engineName,
    url,
    name,
    newShape: shape,
    otherShape: transform,
    readsSecond,
    indexes: {
      write: `${name}-write`,
      read: `${name}-read`,
      concrete: `${name}-v1`,
      other: `${name}-other`,
      nowhere: `${name}-Nowhere`,
    },
  });
  return {
    stage,
    bare: side(engineUrls[0] as string, bare, false),
    ours: side(gateway.url, stage.name, newShape),
  };
}

interface Stored {
  readonly source: object;
  readonly version: bigint;
  readonly seqNo: number;
  readonly term: number;
}

/** What an index holds, by id and routing. Versions are longer than numbers are exact. */
async function stored(index: string): Promise<Map<string, Stored>> {
  await refresh(cluster, index);
  const { body } = await cluster.connection.send({
    method: 'POST',
    path: `/${index}/_search`,
    body: { size: 10_000, version: true, seq_no_primary_term: true },
  });
  const exact = body.toString().replaceAll(/"_version":(\d+)/g, '"_version":"$1"');
  const { hits } = JSON.parse(exact) as {
    hits: {
      hits: {
        _id: string;
        _routing?: string;
        _version: string;
        _seq_no: number;
        _primary_term: number;
        _source: object;
      }[];
    };
  };
  return new Map(
    hits.hits.map(({ _id, _routing = '', _version, _seq_no, _primary_term, _source }) => [
      `${_id} ${_routing}`,
      { source: _source, version: BigInt(_version), seqNo: _seq_no, term: _primary_term },
    ]),
  );
}

/** Documents whose ids were made by the engine or by the gateway can't be named, so only what they hold is compared. */
function contents(documents: Map<string, Stored>, prefix: string, shape: (doc: object) => object) {
  const named = [...documents].filter(([key]) => key.startsWith(prefix));
  const unnamed = [...documents].filter(([key]) => !key.startsWith(prefix));
  const shown = ({ source, version }: Stored): string => `${text(shape(source))} ${version}`;
  return {
    named: Object.fromEntries(named.map(([key, document]) => [key, shown(document)] as const).sort(byKey)),
    // a broken bulk's action may have become a document
    unnamed: unnamed.map(([, document]) => shown(document).replaceAll(/im[ib]-[0-9a-f]{8}/g, 'NAME')).sort(),
  };
}

const byKey = ([a]: readonly [string, string], [b]: readonly [string, string]): number => (a < b ? -1 : 1);

/** In one order of the fields. */
const text = (document: object): string =>
  JSON.stringify(document, (_, value: unknown) =>
    typeof value === 'object' && value !== null && !Array.isArray(value) ? sorted(value) : value,
  );

const asItIs = (document: object): object => document;

async function expectSameDocuments({ stage, bare, ours }: Sides): Promise<void> {
  const { leader } = stage;
  const back = stage.record.leader === 'target' && stage.record.hasTransform ? backInOldShape : asItIs;
  expect(contents(await stored(leader), 'run', back)).toEqual(
    contents(await stored(bare.indexes.concrete), 'run', asItIs),
  );
  expect(contents(await stored(ours.indexes.other), 'run', ours.newShape ? backInOldShape : asItIs)).toEqual(
    contents(await stored(bare.indexes.other), 'run', asItIs),
  );
}

/**
 * T = f(S), with nobody who follows: what the gateway has copied, each with the stamp of its operation.
 * @param but documents that only following brings
 */
async function expectCopied({ stage }: Sides, but: ReadonlySet<string>): Promise<void> {
  if (stage.record.writers.mode !== 'mirror' || stage.record.state === 'finalized') return;
  const { hasTransform, leader, epoch } = stage.record;
  const shape = hasTransform ? (leader === 'source' ? inNewShape : backInOldShape) : asItIs;
  const [here, there] = await Promise.all([stored(stage.leader), stored(stage.follower)]);
  for (const key of but) for (const documents of [here, there]) documents.delete(key);
  const shown = (documents: Map<string, Stored>, reshape: typeof shape) =>
    Object.fromEntries(
      [...documents].map(([key, { source }]) => [key, text(reshape(source))] as const).sort(byKey),
    );
  const [second, expected] = [shown(there, asItIs), shown(here, shape)];
  expect(second, whatWasSent(second, expected)).toEqual(expected);
  const stamps = [...here].filter(([key, { term, seqNo }]) => {
    const stamp = stampOf(epoch, term, seqNo);
    const version = there.get(key)?.version;
    return version !== stamp && version !== stamp + 1n;
  });
  expect(stamps).toEqual([]);
}

/** What was sent through the gateway, and answered, in the order of the answers. */
let sent: string[] = [];

/** Those that wrote through the gateway. */
let clients: Client[] = [];

/** All of it that has to do with documents that only one of two indexes has, or that differ. */
function whatWasSent(one: Record<string, string>, other: Record<string, string>): string {
  const keys = [...new Set([...Object.keys(one), ...Object.keys(other)])].filter(
    (key) => one[key] !== other[key],
  );
  const whose = keys.map((key) => /run\d+c\d+/.exec(key)?.[0]);
  const lines = sent.filter((line) => whose.some((client) => client && line.startsWith(`${client} `)));
  return [...keys, ...lines].join('\n');
}

/** All clients at once; each sends its commands one after the other, first to the one side and then to the other. */
async function compare(
  { bare, ours }: Sides,
  all: readonly (readonly Command[])[],
  run: number,
): Promise<void> {
  await Promise.all(
    all.map(async (sequence, number) => {
      const prefix = `run${run}c${number}`;
      const [one, other] = [new Client(bare, prefix), new Client(ours, prefix)];
      clients.push(other);
      for (const command of sequence) {
        const expected = await one.run(command);
        const found = await other.run(command);
        sent.push(`${prefix} ${JSON.stringify(command)} -> ${JSON.stringify(found)}`);
        expect(found, JSON.stringify(command)).toEqual(expected);
      }
    }),
  );
}

describe('a gateway answers as the engine does, and the documents are the same', () => {
  beforeAll(async () => {
    if (engineName !== 'opensearch') return;
    // the Elasticsearch of these tests has no processors
    await cluster.connection.json({
      method: 'PUT',
      path: '/_ingest/pipeline/marks',
      body: { processors: [{ set: { field: 'tags', value: ['marked'] } }] },
    });
  });

  for (const [phase, given] of Object.entries(PHASES)) {
    it(phase, async () => {
      const sides = await prepare(given);
      sent = [];
      clients = [];
      let run = 0;
      const sequences = commands({
        otherShape: given.transform ?? false,
        byQuery: !sides.ours.readsSecond,
        length: LENGTH,
      });
      await fc.assert(
        fc.asyncProperty(fc.array(sequences, { minLength: 1, maxLength: CLIENTS }), (all) =>
          compare(sides, all, run++),
        ),
        {
          numRuns: RUNS,
          ...(SEED === undefined ? {} : { seed: SEED }),
          endOnFailure: false,
          interruptAfterTimeLimit: 60_000,
        },
      );
      await expectSameDocuments(sides);
      await expectCopied(sides, new Set(clients.flatMap((client) => [...client.notMirrored])));
    });
  }
});
