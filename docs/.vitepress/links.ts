// Links in the pages are those of the repository, so that they work on GitHub and in the npm package too. On the
// site, a link to a file that is not a page leads to the repository.
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

/** Anchors as GitHub makes them. Further headings of the same text get -1, -2, … from the caller. */
export const slugify = (heading: string): string =>
  heading
    .trim()
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{M}\p{N}\p{Pc}\- ]/gu, '')
    .replaceAll(' ', '-');
