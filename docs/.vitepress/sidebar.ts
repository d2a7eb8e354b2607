// The pages of the documentation, in the order of the sidebar. A unit test checks that no page is missing.

interface Page {
  readonly text: string;
  /** Relative to docs/. */
  readonly page: string;
}

interface Group {
  readonly text: string;
  readonly pages: readonly Page[];
}

export const GROUPS: readonly Group[] = [
  {
    text: 'Start',
    pages: [
      { text: 'What twindex does', page: 'index.md' },
      { text: 'When to use it', page: 'when-to-use.md' },
      { text: 'Tutorial', page: 'tutorial.md' },
      { text: 'Which alias layout do I have?', page: 'layouts.md' },
      { text: 'Concepts', page: 'concepts.md' },
      { text: 'Comparison with other tools', page: 'comparison.md' },
    ],
  },
  {
    text: 'How to',
    pages: [
      { text: 'Check schema changes in CI', page: 'ci.md' },
      { text: 'Run it as a Kubernetes job', page: 'guides/kubernetes.md' },
      { text: 'Connect to a secured cluster', page: 'secured-clusters.md' },
      { text: 'Migrate a bare index', page: 'guides/bare-index.md' },
      { text: 'Migrate a very large index', page: 'guides/very-large-index.md' },
      { text: 'Migrate between two clusters', page: 'clusters.md' },
    ],
  },
  {
    text: 'Operate',
    pages: [
      { text: 'Operating guide', page: 'operating.md' },
      { text: 'Deployment', page: 'deploy.md' },
      { text: 'Gateway and client library', page: 'gateway.md' },
      { text: 'Dashboard', page: 'dashboard.md' },
      { text: 'Metrics, alerts and logs', page: 'metrics.md' },
      { text: 'Traces', page: 'traces.md' },
      { text: 'Security', page: 'security.md' },
      { text: 'Ways out after changes by hand', page: 'ways-out.md' },
      { text: 'Scale', page: 'scale.md' },
      { text: 'Limits', page: 'limits.md' },
      { text: 'Engines and versions', page: 'versions.md' },
    ],
  },
  {
    text: 'Reference',
    pages: [
      { text: 'Commands', page: 'commands.md' },
      { text: 'Configuration and index files', page: 'index-files.md' },
      { text: 'What a change needs', page: 'classification.md' },
      { text: 'Errors', page: 'errors.md' },
      { text: 'Events', page: 'events.md' },
      { text: 'From code', page: 'api.md' },
      { text: 'API reference', page: 'api-reference.md' },
      { text: 'Glossary', page: 'glossary.md' },
    ],
  },
  {
    text: 'How it works',
    pages: [
      { text: 'Protocol', page: 'protocol.md' },
      { text: 'Model of the protocol', page: 'protocol/model/README.md' },
      { text: 'States of a migration', page: 'states.md' },
      { text: 'Architecture', page: 'architecture.md' },
      { text: 'Decisions', page: 'decisions/README.md' },
      { text: 'Stamps', page: 'decisions/stamps.md' },
      { text: 'Two switches', page: 'decisions/two-switches.md' },
      { text: 'HTTP parser of the gateway', page: 'decisions/http-parser.md' },
      { text: 'Scrolls over ranges', page: 'decisions/scroll-per-range.md' },
      { text: 'Guardian process', page: 'decisions/guardian.md' },
      { text: 'Leases and tokens', page: 'decisions/tokens.md' },
      { text: 'Aliases with generations', page: 'decisions/generations.md' },
      { text: 'Ledger of deletes', page: 'decisions/ledger.md' },
      { text: 'JSON scanner', page: 'decisions/json-scanner.md' },
      { text: 'Verification by a join', page: 'decisions/verification-join.md' },
      { text: 'State in the cluster', page: 'decisions/journal.md' },
      { text: 'Model and simulation', page: 'decisions/model-and-simulation.md' },
    ],
  },
];

/** The address of a page on the site, where a README.md is the index page of its folder. */
export const addressOf = (page: string): string =>
  `/${page.replace(/(?:^|(?<=\/))(?:README|index)\.md$/, '').replace(/\.md$/, '')}`;
