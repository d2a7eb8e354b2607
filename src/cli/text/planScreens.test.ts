// Golden screens of `twindex plan`: tests/golden/plans/. After a wanted change: npx vitest run -u, then read
// the diff.
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { describe, expect, test } from 'vitest';
import { examplePlans } from '../../../tests/golden/examplePlans.js';
import type { Plan } from '../../plan/decidePlan.js';
import { planMarkdown } from './planMarkdown.js';
import { renderPlans } from './planReport.js';
import { renderPlan } from './renderPlan.js';

const golden = (name: string): string => join(import.meta.dirname, '../../../tests/golden/plans', name);

interface Look {
  readonly colours: boolean;
  readonly width?: number | undefined;
  readonly explain?: boolean;
}

const screen = (plans: readonly Plan[], look: Look): string => {
  const show = (plan: Plan): string => renderPlan(plan, { ...look, next: true });
  return `${renderPlans(plans, { show, width: look.width, grouped: true })}\n`;
};

const WIDTHS = [60, 80, 120, undefined];

describe.each(Object.entries(examplePlans))('%s', (name, plans) => {
  test.each(WIDTHS)('at %s columns, without colours', async (width) => {
    const file = golden(`${name}-${width ?? 'piped'}.txt`);
    await expect(screen(plans, { colours: false, width })).toMatchFileSnapshot(file);
  });

  test.each(WIDTHS)('colours do not change the layout at %s columns', (width) => {
    const coloured = screen(plans, { colours: true, width });
    expect(coloured).toContain('\u001b[');
    expect(stripVTControlCharacters(coloured)).toBe(screen(plans, { colours: false, width }));
  });

  test('with colours', async () => {
    const text = screen(plans, { colours: true, width: 80 }).replaceAll('\u001b', '␛');
    await expect(text).toMatchFileSnapshot(golden(`${name}-80-coloured.txt`));
  });

  test('as Markdown', async () => {
    const text = planMarkdown(plans, { explain: false, sample: () => [] });
    await expect(`${text}\n`).toMatchFileSnapshot(golden(`${name}.md`));
  });

  test('no word is broken at any width, and nothing is lost', () => {
    const wordsOf = (text: string): string[] => text.replaceAll(/^ *# /gm, ' ').split(/\s+/);
    const piped = wordsOf(screen(plans, { colours: false }).replaceAll('  # ', ' '));
    for (const width of [20, 33, 60, 80, 120])
      expect(wordsOf(screen(plans, { colours: false, width }).replaceAll('  # ', ' '))).toEqual(piped);
  });

  test.each([60, 80, 120])('only a word that is too long is wider than %s columns', (width) => {
    for (const line of screen(plans, { colours: false, width }).split('\n'))
      if (line.length > width) expect(line.trim().split(' ').length).toBeLessThanOrEqual(2);
  });
});

test('--explain gives the reasons in full, and the whole content of the new index', async () => {
  const text = screen(examplePlans['plan-replace'] ?? [], { colours: false, width: 100, explain: true });
  await expect(text).toMatchFileSnapshot(golden('plan-replace-explain-100.txt'));
});
