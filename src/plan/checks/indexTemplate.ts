// Check: an index template that matches the name of the new index would add settings and fields that the index file
// does not declare.
import { getIndexTemplates, type IndexTemplate } from '../../cluster/indices/getIndexTemplates.js';
import { getLegacyTemplates } from '../../cluster/indices/getLegacyTemplates.js';
import { simulateIndex, type TemplateContent } from '../../cluster/indices/simulateIndex.js';
import { isObject, objectAt, ownValue } from '../../json/plain.js';
import type { JsonObject } from '../../json/jsonTypes.js';
import type { Check, Finding, TargetIndex } from './check.js';
import { settingsByName } from './readSetting.js';
import { whyNotWhole } from './sourceField.js';

export const checkIndexTemplate: Check = async ({ cluster, source, target }) => {
  if (!target) return [];
  const composable = bestMatch(await getIndexTemplates(cluster), target.index);
  if (composable?.dataStream) {
    return [
      finding(
        'block',
        `the name ${target.index} matches the index template ${composable.name}, which creates only data streams: the ` +
          'engine would refuse to create the index. Narrow the index_patterns of the template, or choose another `name`.',
      ),
    ];
  }
  // without a source nothing is copied, so `_source` need not be complete
  const findingsOf = (name: string, content: TemplateContent): Finding[] => [
    ...templateFindings(name, content, target),
    ...(source ? sourceFindings(name, content, target) : []),
  ];
  if (composable) return findingsOf(composable.name, await simulateIndex(cluster, target.index));
  const legacy = (await getLegacyTemplates(cluster))
    .filter(({ patterns }) => patterns.some((pattern) => matches(pattern, target.index)))
    .sort((a, b) => a.order - b.order);
  return legacy.flatMap((template) => findingsOf(template.name, template));
};

/** Of all matching composable templates, the engine applies only the one with the highest priority. */
function bestMatch(templates: readonly IndexTemplate[], index: string): IndexTemplate | undefined {
  return templates
    .filter(({ patterns }) => patterns.some((pattern) => matches(pattern, index)))
    .sort((a, b) => b.priority - a.priority)[0];
}

export function matches(pattern: string, name: string): boolean {
  const literal = pattern.split('*').map((part) => part.replace(/[\\^$.|?+()[\]{}]/g, '\\$&'));
  return new RegExp(`^${literal.join('.*')}$`).test(name);
}

/**
 * Finds the aliases of a template, and the parts that the index file does not declare. For a part that both have,
 * the engine uses the value of the file.
 */
function templateFindings(name: string, content: TemplateContent, target: TargetIndex): Finding[] {
  const findings: Finding[] = [];
  const aliases = Object.keys(content.aliases);
  if (aliases.length > 0) {
    findings.push(
      finding(
        'block',
        `the index template ${name} would give ${target.index} the alias ${aliases.join(', ')} when it is created, so that ` +
          'clients would use an incomplete index. Remove the alias from the template, or narrow its index_patterns.',
      ),
    );
  }
  const declared = settingsByName(target.settings);
  const settings = Object.keys(settingsByName(content.settings)).filter(
    (key) => declared[key] === undefined && !ENGINE_OWN.has(key),
  );
  const added = [...settings, ...undeclared(content.mappings, target.mappings, 'mappings')];
  if (added.length > 0) {
    const final = added.includes('index.final_pipeline');
    const shown =
      added.length > 8 ? `${added.slice(0, 8).join(', ')} and ${added.length - 8} more` : added.join(', ');
    findings.push(
      finding(
        final ? 'block' : 'warn',
        `the index template ${name} matches ${target.index} and would add parts that the index file does not declare: ${shown}. ` +
          (final ? 'Its final_pipeline would run over every copied document. ' : '') +
          'Declare these parts in the index file, or narrow the index_patterns of the template.',
      ),
    );
  }
  return findings;
}

/** Finds templates that would make the new index alter `_source`, although the file does not ask for it. */
function sourceFindings(name: string, content: TemplateContent, target: TargetIndex): Finding[] {
  const why = whyNotWhole({
    settings: { ...settingsByName(content.settings), ...settingsByName(target.settings) },
    mappings: {
      _source: { ...objectAt(content.mappings['_source']), ...objectAt(target.mappings['_source']) },
    },
  });
  if (why === undefined || whyNotWhole(target) !== undefined) return [];
  return [
    finding(
      'block',
      `with the index template ${name}, ${target.index} ${why}, so its documents could not be compared. Remove this from ` +
        'the template, or narrow its index_patterns.',
    ),
  ];
}

/** Settings that Elasticsearch adds to every new index. */
const ENGINE_OWN = new Set(['index.routing.allocation.include._tier_preference']);

function undeclared(template: JsonObject, declared: JsonObject, path: string): string[] {
  return Object.entries(template).flatMap(([key, value]) => {
    const here = `${path}.${key}`;
    const own = ownValue(declared, key);
    if (own === undefined) return isObject(value) && Object.keys(value).length === 0 ? [] : [here];
    return isObject(value) && isObject(own) ? undeclared(value, own, here) : [];
  });
}

function finding(level: Finding['level'], message: string): Finding {
  return { check: 'index-template', level, message };
}
