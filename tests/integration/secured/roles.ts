// What a role of deploy/roles/ allows. It knows what the privileges and action groups in these files stand for; their
// definitions are in `IndexPrivilege` and `ClusterPrivilegeResolver` of Elasticsearch and in `static_action_groups.yml` of the
// security plugin of OpenSearch.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { EngineName } from '../../../src/cluster/cluster.js';
import type { Need } from './actions.js';

/** Indexes and aliases of the cluster, as the front has seen them last. */
export interface Names {
  /** The aliases of each index. */
  readonly indexes: ReadonlyMap<string, readonly string[]>;
}

const CLUSTER: Readonly<Record<string, readonly string[]>> = {
  // Elasticsearch
  monitor: ['cluster:monitor/*', 'indices:admin/template/get', 'indices:admin/index_template/get'],
  read_pipeline: ['cluster:admin/ingest/pipeline/get', 'cluster:admin/ingest/pipeline/simulate'],
  // OpenSearch
  cluster_monitor: ['cluster:monitor/*'],
};

const ON_INDEXES: Readonly<Record<EngineName, Readonly<Record<string, readonly string[]>>>> = {
  elasticsearch: {
    read: ['indices:data/read/*'],
    write: ['indices:data/write/*', 'indices:admin/mapping/auto_put'],
    monitor: ['indices:monitor/*'],
    maintenance: ['indices:admin/refresh*', 'indices:admin/flush*', 'indices:admin/forcemerge*'],
    manage: ['indices:monitor/*', 'indices:admin/*', 'indices:data/read/field_caps*'],
    view_index_metadata: [
      'indices:admin/aliases/get',
      'indices:admin/get',
      'indices:admin/mappings/get',
      'indices:admin/mappings/fields/get*',
      'indices:monitor/settings/get',
      'indices:data/read/field_caps*',
    ],
  },
  opensearch: {
    read: ['indices:data/read*', 'indices:admin/mappings/fields/get*', 'indices:admin/resolve/index'],
    write: ['indices:data/write*', 'indices:admin/mapping/put'],
    manage: ['indices:monitor/*', 'indices:admin/*'],
    indices_monitor: ['indices:monitor/*'],
  },
};

/** One privilege or permission of a role, for the whole cluster or for a pattern of names. */
interface Grant {
  /** As a person would say it: `read on catalogue-v*`. */
  readonly text: string;
  readonly actions: readonly string[];
  readonly pattern: string | undefined;
}

interface RoleFile {
  readonly cluster?: readonly string[];
  readonly indices?: readonly { readonly names: readonly string[]; readonly privileges: readonly string[] }[];
  readonly cluster_permissions?: readonly string[];
  readonly index_permissions?: readonly {
    readonly index_patterns: readonly string[];
    readonly allowed_actions: readonly string[];
  }[];
}

export type RoleName = 'twindex' | 'gateway-client' | 'observer';

export class Role {
  readonly #engine: EngineName;
  readonly #grants: readonly Grant[];
  /** The grants that a request has needed. */
  readonly #used = new Set<Grant>();

  constructor(engine: EngineName, file: RoleFile) {
    this.#engine = engine;
    const forCluster = [...(file.cluster ?? []), ...(file.cluster_permissions ?? [])];
    const forIndexes = [
      ...(file.indices ?? []).map(({ names, privileges }) => ({ patterns: names, allowed: privileges })),
      ...(file.index_permissions ?? []).map((one) => ({
        patterns: one.index_patterns,
        allowed: one.allowed_actions,
      })),
    ];
    this.#grants = [
      ...forCluster.map((name) => ({ text: name, actions: known(name, CLUSTER), pattern: undefined })),
      ...forIndexes.flatMap(({ patterns, allowed }) =>
        patterns.flatMap((pattern) =>
          allowed.map((name) => ({
            text: `${name} on ${pattern}`,
            actions: known(name, ON_INDEXES[engine]),
            pattern,
          })),
        ),
      ),
    ];
  }

  /** A file of deploy/roles/, with `catalogue` replaced by the name of an index, as docs/secured-clusters.md says. */
  static read(engine: EngineName, role: RoleName, name: string): Role {
    const file = join(import.meta.dirname, '../../../deploy/roles', engine, `${role}.json`);
    return new Role(engine, JSON.parse(readFileSync(file, 'utf8').replaceAll('catalogue', name)) as RoleFile);
  }

  /** @returns what is not allowed; undefined if the role allows all of it */
  missing(needs: readonly Need[], names: Names): string | undefined {
    for (const { action, names: asked } of needs) {
      if (asked === undefined || asked.length === 0) {
        if (!this.#allows(action, (pattern) => (pattern === undefined) === (asked === undefined)))
          return action;
        continue;
      }
      for (const alternatives of resolve(asked, names, this.#engine))
        if (
          !this.#allows(
            action,
            (pattern) => pattern !== undefined && alternatives.some((name) => fits(pattern, name)),
          )
        )
          return `${action} on ${alternatives[0]}`;
    }
    return undefined;
  }

  /** Privileges and permissions that no request has needed yet. */
  get unused(): readonly string[] {
    return this.#grants.filter((grant) => !this.#used.has(grant)).map(({ text }) => text);
  }

  #allows(action: string, isFor: (pattern: string | undefined) => boolean): boolean {
    const granted = this.#grants.filter(
      ({ actions, pattern }) => isFor(pattern) && actions.some((one) => fits(one, action)),
    );
    // a grant is needed where it is the only one
    const [only, ...others] = granted;
    if (only && others.length === 0) this.#used.add(only);
    return granted.length > 0;
  }
}

function known(name: string, groups: Readonly<Record<string, readonly string[]>>): readonly string[] {
  const found = name.includes(':') ? [name] : groups[name];
  if (!found) throw new Error(`tests/integration/secured/roles.ts does not know the privilege ${name}`);
  return found;
}

/** Each entry has the names under which an index may be granted. One of them is enough. */
function resolve(
  asked: readonly string[],
  { indexes }: Names,
  engine: EngineName,
): readonly (readonly string[])[] {
  const excluded = asked.filter((name) => name.startsWith('-')).map((name) => name.slice(1));
  const names = [...indexes].flatMap(([index, aliases]) => [index, ...aliases]);
  const expanded = asked.flatMap((name) =>
    name.startsWith('-') ? [] : name.includes('*') ? names.filter((one) => fits(name, one)) : [name],
  );
  const wanted = [...new Set(expanded)].filter((name) => !excluded.some((pattern) => fits(pattern, name)));
  // Elasticsearch checks the name in the request. OpenSearch checks the indexes behind an alias, and a role may name either.
  if (engine === 'elasticsearch') return wanted.map((name) => [name]);
  return wanted.flatMap((name) => {
    const members = [...indexes].filter(([index, aliases]) => index === name || aliases.includes(name));
    return members.length === 0 ? [[name]] : members.map(([index, aliases]) => [index, ...aliases]);
  });
}

function fits(pattern: string, name: string): boolean {
  const parts = pattern.split('*').map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`).test(name);
}
