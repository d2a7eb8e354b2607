// The downloaded builds of OpenSearch 2 and Elasticsearch 7 lack modules that twindex or its demo need: _reindex, and
// for OpenSearch 2 also painless, analyzers, scaled_float and ingest pipelines. This file adds them. Each module is a
// folder with jars.
import { mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fetchWithDependencies } from './maven.js';
import { type EngineSpec, numbersOf } from './spec.js';

interface Module {
  readonly name: string;
  readonly artifact: string;
  readonly className: string;
  /** The name of the module whose class loader this module shares. */
  readonly extends?: string;
  /** True if the module compiles classes at run time. The engine's security manager has to allow this. */
  readonly compiles?: boolean;
}

const OPENSEARCH_2: readonly Module[] = [
  { name: 'reindex', artifact: 'reindex-client', className: 'org.opensearch.index.reindex.ReindexPlugin' },
  {
    name: 'lang-painless',
    artifact: 'lang-painless',
    className: 'org.opensearch.painless.PainlessPlugin',
    compiles: true,
  },
  {
    name: 'analysis-common',
    artifact: 'analysis-common',
    className: 'org.opensearch.analysis.common.CommonAnalysisPlugin',
    extends: 'lang-painless',
    compiles: true,
  },
  {
    name: 'ingest-common',
    artifact: 'ingest-common',
    className: 'org.opensearch.ingest.common.IngestCommonPlugin',
    extends: 'lang-painless',
  },
  {
    name: 'mapper-extras',
    artifact: 'mapper-extras-client',
    className: 'org.opensearch.index.mapper.MapperExtrasPlugin',
    extends: 'lang-painless',
  },
  {
    name: 'parent-join',
    artifact: 'parent-join-client',
    className: 'org.opensearch.join.ParentJoinPlugin',
  },
];

const ELASTICSEARCH_7: readonly Module[] = [
  { name: 'reindex', artifact: 'reindex-client', className: 'org.elasticsearch.reindex.ReindexPlugin' },
];

const POLICY = `grant {
  permission java.lang.RuntimePermission "createClassLoader";
  permission java.lang.RuntimePermission "getClassLoader";
  permission org.opensearch.script.ClassPermission "<<STANDARD>>";
};
`;

function modulesFor({ name, version }: EngineSpec): readonly Module[] {
  const [major] = numbersOf(version);
  if (name === 'opensearch') return major === 2 ? OPENSEARCH_2 : [];
  return major === 7 ? ELASTICSEARCH_7 : [];
}

export function hasModulesToAdd(spec: EngineSpec): boolean {
  return modulesFor(spec).length > 0;
}

export type ModulesResult = { readonly type: 'added' } | { readonly type: 'failed'; readonly reason: string };

interface ModulesJob {
  readonly spec: EngineSpec;
  readonly work: string;
  readonly signal: AbortSignal | undefined;
}

export async function addModules(home: string, job: ModulesJob): Promise<ModulesResult> {
  const inCore = new Set(await readdir(join(home, 'lib')));
  for (const module of modulesFor(job.spec)) {
    const coordinates = `org.${job.spec.name}.plugin:${module.artifact}:${job.spec.version}`;
    const folder = join(job.work, module.name);
    const fetched = await fetchWithDependencies(coordinates, { folder, signal: job.signal });
    if (fetched.type !== 'done') {
      const why = fetched.type === 'failed' ? fetched.output : 'there is no mvn on the PATH';
      return { type: 'failed', reason: `Maven could not fetch ${coordinates}: ${why}` };
    }
    for (const jar of await readdir(folder)) {
      if (inCore.has(jar)) await rm(join(folder, jar));
    }
    await writeFile(join(folder, 'plugin-descriptor.properties'), descriptor(module, job.spec));
    if (module.compiles) await writeFile(join(folder, 'plugin-security.policy'), POLICY);
    await mkdir(join(home, 'modules'), { recursive: true });
    await rename(folder, join(home, 'modules', module.name));
  }
  return { type: 'added' };
}

/** Builds the properties file of a module. The engine refuses unknown keys in it. */
function descriptor(module: Module, spec: EngineSpec): string {
  const lines = {
    name: module.name,
    description: module.name,
    version: spec.version,
    [`${spec.name}.version`]: spec.version,
    'java.version': '11',
    classname: module.className,
    'extended.plugins': module.extends ?? '',
    'has.native.controller': 'false',
  };
  return Object.entries(lines)
    .map(([key, value]) => `${key}=${value}\n`)
    .join('');
}
