// `npm run docs:metrics` writes the tables of metrics in docs/metrics.md, from the definitions in the code.
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** @typedef {import('prom-client').Registry} Registry */
/** @typedef {{ name: string, type: string, help: string, labelNames: readonly string[] }} Metric */
/** @typedef {Readonly<Record<'process' | 'gateway' | 'migrations', Registry>>} Registries */

/** @param {Registry} registry @returns {Metric[]} */
export const metricsOf = (registry) => /** @type {any} */ (registry.getMetricsAsArray());

const BLOCK = /(<!-- metrics of (process|gateway|migrations): [^\n]*-->\n)[^]*?(<!-- end of metrics -->)/g;

/** @param {string} page @param {Registries} registries @returns {string} the page with new tables */
export function drawMetrics(page, registries) {
  const common = new Set(metricsOf(registries.process).map(({ name }) => name));
  return page.replace(BLOCK, (_, begin, group, end) => {
    const shown = metricsOf(registries[/** @type {keyof Registries} */ (group)]).filter(
      ({ name }) => group === 'process' || !common.has(name),
    );
    return `${begin}\n| metric | type | labels | |\n|---|---|---|---|\n${shown.map(row).join('\n')}\n${end}`;
  });
}

/** @param {Metric} metric */
function row({ name, type, labelNames, help }) {
  const labels = labelNames.map((label) => `\`${label}\``).join(' ');
  return `| \`${name}\` | ${type} |${labels && ` ${labels}`} | ${help.replace(/\.$/, '')} |`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [{ processRegistry }, { gatewayRegistry }, { migrationRegistry }] = await Promise.all([
    import('../dist/metrics/registry.js'),
    import('../dist/writers/gateway/metrics.js'),
    import('../dist/metrics/metricsPage.js'),
  ]);
  // nothing is read, so neither a gateway nor a cluster is needed
  const unread = /** @type {any} */ (undefined);
  const page = new URL('../docs/metrics.md', import.meta.url);
  const registries = {
    process: processRegistry(),
    gateway: gatewayRegistry(() => unread),
    migrations: migrationRegistry(unread),
  };
  writeFileSync(page, drawMetrics(readFileSync(page, 'utf8'), registries));
}
