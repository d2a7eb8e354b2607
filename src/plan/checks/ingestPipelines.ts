// Check: no ingest pipeline may change copied documents, since they have already passed the pipelines of the
// source. A declared pipeline must exist. If it does not, the engine refuses every write.
import { getPipeline } from '../../cluster/ingest/getPipeline.js';
import type { Check, Finding } from './check.js';
import { readSetting } from './readSetting.js';

export const checkIngestPipelines: Check = async ({ cluster, definition, source, target }) => {
  const declared = target ?? { index: source?.index ?? definition.name, settings: definition.settings };
  const findings: Finding[] = [];
  const add = (level: Finding['level'], message: string) =>
    findings.push({ check: 'ingest-pipelines', level, message });

  for (const side of source && target ? [source, target] : []) {
    const final = pipeline(side, 'final_pipeline');
    if (final) {
      add(
        'block',
        `${side.index} has the final_pipeline ${final}. No request can switch off a final pipeline, so ${final} would run again ` +
          `over every copied document. For the migration, set index.final_pipeline to _none, or make ${final} the default_pipeline.`,
      );
    }
  }
  const before = source && pipeline(source, 'default_pipeline');
  const after = pipeline(declared, 'default_pipeline');
  for (const name of new Set([after, pipeline(declared, 'final_pipeline')])) {
    if (name && !(await getPipeline(cluster, name))) {
      add(
        'block',
        `${declared.index} is declared with the pipeline ${name}, which does not exist: every write would fail. Create it first.`,
      );
    }
  }
  if (target && (before || (source && after))) {
    const names = [...new Set([before, after].filter(Boolean))].join(' and ');
    add(
      'info',
      `twindex copies documents without the default pipeline (${names}), so that it does not run twice for a document. For writes of applications it runs as before.`,
    );
  }
  return findings;
};

function pipeline(
  side: { readonly settings: Parameters<typeof readSetting>[0] },
  name: string,
): string | undefined {
  const value = readSetting(side.settings, name);
  return value === '_none' ? undefined : value;
}
