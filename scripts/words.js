// The words that the project no longer uses, with replacements. `npm run check:words` fails if code,
// comments, tests or docs use one of them. CONTRIBUTING.md gives the reasons.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** @type {readonly (readonly [string, string])[]} case-insensitive regular expressions and replacements */
export const OLD_WORDS = [
  ['(the|a) first index(?! of)|firstIndex|toFirst(?![a-z])|onFirst(?![a-z])', 'leader'],
  ['(the|a) second index(?! of)|secondIndex|toSecond(?![a-z])|onSecond(?![a-z])', 'follower'],
  ['wish(es|ed)?(?![a-z])|makeWish|handledWish', 'command'],
  ['\\bborders?\\b|defaultBorder', 'gate'],
  ['hindrance|whatHinders|hindered', 'blocker, blocked'],
  ['\\bupkeep', 'reconciler, reconciliation'],
  ['carriage(?! return)', 'copy context'],
  ['rehears', 'dry run'],
  ['\\bwhims?\\b|onWhim', 'non-deterministic'],
  ['\\bsuspects?\\b|\\bdoubts\\b|in doubt\\b', 'pending differences'],
  ['\\bwitness(?!es)', 'coordinator progress'],
  ['rightful', 'expected extra'],
  ['isFromTruth|\\btruthOf\\b', 'source of truth'],
  ['\\blanes?\\b|ownLanes|reindexLanes', 'window in flight'],
  ['(?<!e)lapsed', 'expired'],
  ['onTrouble', 'onWarning'],
  ['handedOn\\b|handOn\\b', 'pass through'],
  ['hasToArrive', 'must replicate'],
  ['\\bin step(?! 7)|(?<!Pla)inStep', 'in sync'],
  ['\\bstretch(es)?\\b', 'range'],
];

const SEARCHED = [
  'src',
  'dashboard',
  'tests',
  'bench',
  'docs',
  'examples',
  'scripts',
  'README.md',
  'CONTRIBUTING.md',
];
/** Files that may contain the words: this list, users' documents in tests, CONTRIBUTING.md's list, and styles. */
const EXEMPT = /^scripts\/words\.js$|\.ndjson$|\.css$|^CONTRIBUTING\.md$|^bench\/RESULTS\.md$/;

/** @param {string} text @returns {string[]} one line for each old word that was found */
export function oldWordsIn(text) {
  return text.split('\n').flatMap((line, n) =>
    OLD_WORDS.flatMap(([pattern, instead]) => {
      const found = new RegExp(pattern, 'i').exec(line);
      return found ? [`${n + 1}: "${found[0]}": use ${instead}`] : [];
    }),
  );
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const listed = execFileSync('git', ['ls-files', '--', ...SEARCHED], {
    encoding: 'utf8',
    maxBuffer: 1 << 26,
  });
  const files = listed.split('\n').filter((file) => file !== '' && !EXEMPT.test(file));
  const found = files.flatMap((file) =>
    oldWordsIn(readFileSync(file, 'utf8')).map((line) => `${file}:${line}`),
  );
  for (const line of found) console.log(line);
  console.log(`${found.length} old words in ${files.length} files`);
  if (found.length > 0) process.exitCode = 1;
}
