// Draws the states of a migration from src/protocol/states.ts, and the conditions of moves from moveGuards.ts:
// `npm run docs:states` writes docs/states.md.
import { fileURLToPath } from 'node:url';

/** @type {Readonly<Record<string, string>>} */
const OTHERWISE = { waits: 'waits', asks: 'asks', mayAsk: 'waits or asks' };
const WITHDRAWN = 'is withdrawn';

/**
 * @param {Readonly<Record<string, readonly string[]>>} next
 * @param {Readonly<Record<string, string>>} description
 * @param {readonly { title: string, guards: readonly { condition: string, otherwise: string }[] }[]} moves
 * @returns {string} Markdown with a mermaid diagram and tables
 */
export function drawStates(next, description, moves) {
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
    '<!-- Written by `npm run docs:states` from the code. Do not edit it here. -->',
    '# The states of a migration',
    '',
    'The journal has the state of each migration. A new state is saved before its first action. A step can',
    'only stay in its state or go to one of those that are listed: anything else does not compile. `twindex status` shows',
    'the phase, which follows from the roles of the two indexes: [concepts.md](concepts.md#phases).',
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
    '## Conditions of a move',
    'A move begins in the state `mirroring`, when all of its conditions hold. They are checked in this order after each',
    'round, and the first one that does not hold decides: the move *waits*; or it *asks*, which means that it waits until a',
    'person has done something (*waits or asks*: it asks if the migration is paused, or documents are rejected or cannot be',
    'repaired); or its command *is withdrawn*, because waiting would not help. Readers can be moved back to the leader at any',
    'time, without a condition.',
    '',
    ...moves.flatMap(({ title, guards }) => [
      `### ${title}`,
      '| condition | otherwise |',
      '|---|---|',
      ...guards.map(({ condition, otherwise }) => `| ${condition} | ${OTHERWISE[otherwise] ?? WITHDRAWN} |`),
      '',
    ]),
  ].join('\n');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { DESCRIPTION, NEXT } = await import('../dist/protocol/states.js');
  const { MOVES } = await import('../dist/coordinator/migration/steps/moveGuards.js');
  process.stdout.write(drawStates(NEXT, DESCRIPTION, MOVES));
}
