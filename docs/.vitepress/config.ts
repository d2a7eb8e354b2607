// The documentation site: `npm run docs:site` builds it into docs/.vitepress/dist, `npm run docs:dev` shows it while you write.
import { defineConfig } from 'vitepress';
import { checkSite } from './checkSite.js';
import { drawDiagrams } from './diagrams.js';
import { REPOSITORY, rewriteLinks, slugify } from './links.js';
import { addressOf, GROUPS } from './sidebar.js';
import { strictLogger } from './strictLogger.js';

const isBuild = process.argv.includes('build');

export default defineConfig({
  title: 'twindex',
  description: 'Zero-downtime schema migrations for Elasticsearch and OpenSearch',
  lang: 'en',
  // The path below which the host serves the site, for example /twindex/.
  base: process.env['SITE_BASE'] ?? '/',
  rewrites: {
    'decisions/README.md': 'decisions/index.md',
    'protocol/model/README.md': 'protocol/model/index.md',
  },
  markdown: {
    anchor: { slugify },
    config(md) {
      rewriteLinks(md);
      drawDiagrams(md);
    },
  },
  themeConfig: {
    nav: [
      { text: 'Tutorial', link: '/tutorial' },
      { text: 'Operating', link: '/operating' },
      { text: 'Commands', link: '/commands' },
    ],
    sidebar: GROUPS.map(({ text, pages }) => ({
      text,
      items: pages.map(({ text: title, page }) => ({ text: title, link: addressOf(page) })),
    })),
    outline: [2, 3],
    search: { provider: 'local' },
    socialLinks: [{ icon: 'github', link: REPOSITORY }],
    editLink: { pattern: `${REPOSITORY}/edit/main/docs/:path` },
  },
  vite: {
    // The search index contains the text of all pages, so its file is larger than the default limit.
    build: { chunkSizeWarningLimit: 4_000 },
    ...(isBuild ? { customLogger: strictLogger } : {}),
  },
  transformPageData(page) {
    if (page.relativePath === 'index.md') page.frontmatter = { ...page.frontmatter, ...HOME };
  },
  buildEnd: ({ outDir }) => checkSite(outDir),
});

/** The front matter of the start page. In index.md itself, GitHub would show it as a table. */
const HOME = {
  layout: 'home',
  hero: {
    name: 'twindex',
    text: 'Replace a search index while it is in use',
    tagline: 'Schema migrations for Elasticsearch and OpenSearch, with a rollback until the last step',
    actions: [
      { theme: 'brand', text: 'Tutorial', link: '/tutorial' },
      { theme: 'alt', text: 'When to use it', link: '/when-to-use' },
      { theme: 'alt', text: 'GitHub', link: REPOSITORY },
    ],
  },
};
