// Draws the states of a migration from src/protocol/states.ts: `npm run docs:states` writes docs/states.md.
import { fileURLToPath } from 'node:url';

/**
 * @param {Readonly<Record<string, readonly string[]>>} next
 * @param {Readonly<Record<string, string>>} description
 * @returns {string} Markdown with a mermaid diagram and a table
 */
export function drawStates(next, description) {
  const states = Object.keys(next);
  const [first] = states;
  const arrows = states.flatMap((from) => {
    const followers = next[from] ?? [];
    return followers.length > 0 ? followers.map((to) => `  ${from} --> ${to}`) : [`  ${from} --> [*]`];
  });
  const rows = states.map((state) => {
    const followers = (next[state] ?? []).map((to) => `\`${to}\``).join(', ');
    return `| \`${state}\` | ${description[state]} | ${followers || 'the end'} |`;
  });
  return [
    '<!-- Written by `npm run docs:states` from src/protocol/states.ts. Do not edit it here. -->',
    '# The states of a migration',
    '',
    'The state that a migration is in is kept in the journal, and is saved before anything is done in it. A step can',
    'only stay in its state or go to one of those that are listed: anything else does not compile. What a user sees are',
    'the phases, which follow from the roles of the two indexes: [concepts.md](concepts.md#phases).',
    '',
    '```mermaid',
    'stateDiagram-v2',
    `  [*] --> ${first}`,
    ...arrows,
    '```',
    '',
    '| state | what is done in it | what may follow |',
    '|---|---|---|',
    ...rows,
    '',
  ].join('\n');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { DESCRIPTION, NEXT } = await import('../dist/protocol/states.js');
  process.stdout.write(drawStates(NEXT, DESCRIPTION));
}
