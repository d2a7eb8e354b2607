// Rewrites the links of a page for the site. A link in a page is relative to its file, so that it works on GitHub and in
// the npm package; on the site, a link to a file that is not a page leads to the repository on GitHub.
import { posix } from 'node:path';
import type { MarkdownOptions } from 'vitepress';

type MarkdownIt = Parameters<NonNullable<MarkdownOptions['config']>>[0];

export const REPOSITORY = 'https://github.com/twindex/twindex';

/**
 * @param link as it is written in a page
 * @param page its path in docs/
 */
export function siteLink(link: string, page: string): string {
  if (/^(?:[a-z]+:|#|\/)/i.test(link)) return link;
  const [file = '', anchor] = link.split('#');
  const path = posix.join('docs', posix.dirname(page), file);
  const isPage = path.startsWith('docs/') && path.endsWith('.md');
  if (!isPage) return `${REPOSITORY}/blob/main/${path}${anchor === undefined ? '' : `#${anchor}`}`;
  return link.replace(/(?<=^|\/)README\.md/, 'index.md');
}

export function rewriteLinks(md: MarkdownIt): void {
  md.core.ruler.push('repository-links', ({ tokens, env }) => {
    const { relativePath } = env as { relativePath: string };
    for (const token of tokens.flatMap(({ children }) => children ?? [])) {
      const href = token.type === 'link_open' ? token.attrGet('href') : null;
      if (href !== null) token.attrSet('href', siteLink(href, relativePath));
    }
  });
}

/** Makes the anchor of a heading as GitHub does. If headings are equal, the caller adds -1, -2, … */
export const slugify = (heading: string): string =>
  heading
    .trim()
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{M}\p{N}\p{Pc}\- ]/gu, '')
    .replaceAll(' ', '-');
