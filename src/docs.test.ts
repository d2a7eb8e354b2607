// The pages of docs/, README.md and the other pages of the repository: links, anchors, commands, and the sidebar of the site.
import { existsSync } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import { dirname, join, posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { loadedFrom } from '../docs/.vitepress/checkSite.js';
import { readDiagram } from '../docs/.vitepress/diagrams.js';
import { siteLink, slugify } from '../docs/.vitepress/links.js';
import { addressOf, GROUPS } from '../docs/.vitepress/sidebar.js';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const REPOSITORY = 'https://github.com/twindex/twindex';

/** Every Markdown file of a folder, as paths in the repository. */
async function pagesIn(folder: string): Promise<string[]> {
  const files = await readdir(join(ROOT, folder), { recursive: true });
  return files.filter((file) => file.endsWith('.md')).map((file) => posix.join(folder, file));
}

const docs = await pagesIn('docs');
const pages = new Map(
  await Promise.all(
    [
      'README.md',
      'CONTRIBUTING.md',
      'SECURITY.md',
      'CHANGELOG.md',
      ...docs,
      ...(await pagesIn('examples')),
    ].map(async (page) => [page, await readFile(join(ROOT, page), 'utf8')] as const),
  ),
);

describe('the sidebar of the site', () => {
  const listed = GROUPS.flatMap(({ pages: own }) => own.map(({ page }) => `docs/${page}`));

  test('has every page of docs/ once', () => {
    expect([...listed].sort()).toEqual([...docs].sort());
  });

  test('leads a README to the address of its folder', () => {
    expect(addressOf('decisions/README.md')).toBe('/decisions/');
    expect(addressOf('index.md')).toBe('/');
    expect(addressOf('guides/kubernetes.md')).toBe('/guides/kubernetes');
  });
});

describe('links', () => {
  test.each([...pages])('every link of %s leads to a file and an anchor that exist', (page, text) => {
    const dead = linksOf(text).filter((link) => !resolves(link, page));
    expect(dead).toEqual([]);
  });

  test('no page is an orphan: each is linked from another page', () => {
    const linked = new Set(
      [...pages].flatMap(([page, text]) => linksOf(text).map((link) => targetOf(link, page))),
    );
    expect(docs.filter((page) => page !== 'docs/index.md' && !linked.has(page))).toEqual([]);
  });

  test('out of docs/ lead to the repository on the site', () => {
    expect(siteLink('../examples/api/README.md#x', 'api.md')).toBe(
      `${REPOSITORY}/blob/main/examples/api/README.md#x`,
    );
    expect(siteLink('migrate.cpp', 'protocol/model/index.md')).toBe(
      `${REPOSITORY}/blob/main/docs/protocol/model/migrate.cpp`,
    );
    expect(siteLink('decisions/README.md#a', 'index.md')).toBe('decisions/index.md#a');
    expect(siteLink('../glossary.md', 'guides/a.md')).toBe('../glossary.md');
    expect(siteLink('https://example.com/README.md', 'a.md')).toBe('https://example.com/README.md');
  });

  test('anchors are made as GitHub makes them', () => {
    expect(slugify('Many deletes in a very large index *')).toBe('many-deletes-in-a-very-large-index-');
    expect(slugify("What it can't prevent")).toBe('what-it-cant-prevent');
    expect(slugify('Upgrade Assistant and _migration/reindex')).toBe(
      'upgrade-assistant-and-_migrationreindex',
    );
  });
});

describe('examples in the pages', () => {
  const blocks = [...pages].flatMap(([page, text]) =>
    [...text.matchAll(/^ *```(\w+)\n([^]*?)^ *```$/gm)].map(([, language = '', code = '']) => ({
      page,
      language,
      code,
    })),
  );

  test('every command exists, with all of its options', async () => {
    const { commands } = JSON.parse(await readFile(join(ROOT, 'schemas/commands.json'), 'utf8')) as {
      commands: { name: string; options: { flags: string }[] }[];
    };
    const known = new Map(
      commands.map(({ name, options }) => [
        name,
        options.flatMap(({ flags }) => flags.match(/--[\w-]+/g) ?? []),
      ]),
    );
    const shell = blocks.filter(({ language }) => language === 'sh' || language === 'console');
    const inText = [...pages].map(([page, text]) => ({ page, code: inlineCode(text).join('\n') }));
    const used = [...shell, ...inText].flatMap(({ page, code }) =>
      commandsIn(code).map((command) => ({ page, ...command })),
    );
    expect(used.length).toBeGreaterThan(200);
    const wrong = used.filter(
      ({ name, flags }) =>
        !known.has(name) || flags.some((flag) => flag !== '--help' && !known.get(name)?.includes(flag)),
    );
    expect(wrong).toEqual([]);
  });

  test('YAML can be parsed', () => {
    const yaml = blocks.filter(({ language }) => language === 'yaml');
    expect(yaml.length).toBeGreaterThan(4);
    const wrong = yaml.flatMap(({ page, code }) =>
      parseAllDocuments(code).flatMap(({ errors }) => errors.map(({ message }) => `${page}: ${message}`)),
    );
    expect(wrong).toEqual([]);
  });
});

describe('what the site shows', () => {
  test('docs/api-reference.md is what `npm run docs:api` writes', async () => {
    const { drawApiReference } = (await import(
      new URL('../scripts/drawApiReference.js', import.meta.url).href
    )) as {
      drawApiReference: () => string;
    };
    expect(pages.get('docs/api-reference.md')).toBe(drawApiReference());
  });

  test('the picture of the demo is small', async () => {
    const { size } = await stat(join(ROOT, 'docs/images/demo.svg'));
    expect(size).toBeLessThan(100 * 1024);
  });

  test('pictures load nothing from other hosts', async () => {
    for (const name of await readdir(join(ROOT, 'docs/images')))
      expect(loadedFrom(await readFile(join(ROOT, 'docs/images', name), 'utf8'))).toEqual([]);
  });

  test('what a page loads from another host is found, and its links are not', () => {
    expect(loadedFrom('<a href="https://a.example/x">x</a> <img class="i" src="/x.png">')).toEqual([]);
    expect(loadedFrom('<img alt="" src="https://a.example/x.png">')).toEqual(['https://a.example/x.png']);
    expect(loadedFrom('<link rel="stylesheet" href="//a.example/x.css">')).toEqual(['//a.example/x.css']);
    expect(loadedFrom("@import url('https://a.example/font');")).toEqual(['https://a.example/font']);
  });

  test('a diagram with a line that the site cannot draw is an error', () => {
    const { nodes, groups, arrows } = readDiagram(
      'flowchart TB\n  subgraph g\n    a["one"]\n  end\n  a --> b\n',
    );
    expect([...nodes]).toEqual([
      ['a', 'one'],
      ['b', 'b'],
    ]);
    expect([...groups]).toEqual([['a', 'g']]);
    expect(arrows).toEqual([['a', 'b']]);
    expect(() => readDiagram('flowchart TB\n  a -.-> b\n')).toThrow('a -.-> b');
  });
});

/** Relative links, and links to an anchor of the same page. */
function linksOf(markdown: string): string[] {
  const prose = markdown.replaceAll(/^ *```[^]*?^ *```$/gm, '').replaceAll(/`[^`\n]*`/g, '');
  return [...prose.matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, link = '']) => link)
    .filter((link) => !/^[a-z]+:/.test(link));
}

const targetOf = (link: string, page: string): string => {
  const [file = ''] = link.split('#');
  return file === '' ? page : posix.join(dirname(page), file);
};

function resolves(link: string, page: string): boolean {
  const target = targetOf(link, page);
  const [, anchor] = link.split('#');
  if (!existsSync(join(ROOT, target))) return false;
  return anchor === undefined || anchorsOf(pages.get(target) ?? '').has(anchor);
}

function anchorsOf(markdown: string): ReadonlySet<string> {
  const anchors = new Set([...markdown.matchAll(/<a id="([^"]+)">/g)].map(([, id = '']) => id));
  const prose = markdown.replaceAll(/^ *```[^]*?^ *```$/gm, '');
  const times = new Map<string, number>();
  for (const [, heading = ''] of prose.matchAll(/^#{1,6} (.*)$/gm)) {
    const slug = slugify(heading.replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1').replaceAll(/`|\*\*/g, ''));
    const n = times.get(slug) ?? 0;
    times.set(slug, n + 1);
    anchors.add(n === 0 ? slug : `${slug}-${n}`);
  }
  return anchors;
}

const inlineCode = (markdown: string): string[] =>
  [...markdown.replaceAll(/^ *```[^]*?^ *```$/gm, '').matchAll(/`([^`]+)`/g)].map(([, code = '']) =>
    code.replaceAll('\n', ' '),
  );

/** `twindex` commands in a shell block. In a console block only lines after `$` are commands. */
function commandsIn(code: string): { name: string; flags: string[] }[] {
  const isConsole = code.startsWith('$ ');
  const lines = code.replaceAll('\\\n', ' ').split('\n');
  return lines
    .filter((line) => !isConsole || line.startsWith('$ '))
    .map((line) => line.replace(/ #.*| > .*| \|.*/, ''))
    .flatMap((line) => {
      const [, name = '', rest = ''] = /^(?:\$ | )*(?:npx )?twindex ([a-z]+)(.*)$/.exec(line) ?? [];
      return name === '' ? [] : [{ name, flags: rest.match(/--[\w-]+/g) ?? [] }];
    });
}
