// The program of action.yml: runs twindex lint, and if wanted twindex plan, and writes the output as a
// comment on the pull request. It replaces the comment of an earlier run. It exits with the code of the
// command that refuses.
import { spawnSync } from 'node:child_process';
import { appendFileSync } from 'node:fs';

const MARKER = '<!-- twindex -->';
/** GitHub refuses longer comments. */
const MAX_LENGTH = 65_000;

const { env } = process;
const names = (env.TWINDEX_NAMES ?? '').split(/\s+/).filter(Boolean);

/** @param {string[]} args @returns {{ code: number, text: string }} */
function twindex(...args) {
  const { status, stdout, stderr, error } = spawnSync('npx', ['--no-install', 'twindex', ...args], {
    encoding: 'utf8',
    maxBuffer: 1 << 26,
    shell: process.platform === 'win32',
  });
  process.stderr.write(stderr ?? String(error));
  const failed = `### twindex ${args[0]} failed\n\nThe log of the job says why.`;
  return { code: status ?? 1, text: stdout?.trim() || failed };
}

/** @param {string} path @param {string} [method] @param {object} [body] */
async function github(path, method = 'GET', body) {
  const answer = await fetch(`${env.GITHUB_API_URL}/repos/${env.GITHUB_REPOSITORY}/issues/${path}`, {
    method,
    headers: {
      authorization: `Bearer ${env.GITHUB_TOKEN}`,
      accept: 'application/vnd.github+json',
      'content-type': 'application/json',
    },
    ...(body ? { body: JSON.stringify(body) } : {}),
  });
  if (answer.ok) return await answer.json();
  throw new Error(
    `GitHub answers ${answer.status} to the comment. The job needs: permissions: { pull-requests: write }`,
  );
}

/** @param {string} pullRequest @returns {Promise<number | undefined>} the id of the comment of an earlier run */
async function earlierComment(pullRequest) {
  for (let page = 1; ; page++) {
    const comments = await github(`${pullRequest}/comments?per_page=100&page=${page}`);
    const own = comments.find((/** @type {{ body?: string }} */ { body }) => body?.startsWith(MARKER));
    if (own) return own.id;
    if (comments.length < 100) return undefined;
  }
}

/** @param {string} pullRequest @param {string} text */
async function comment(pullRequest, text) {
  const whole = `${MARKER}\n${text}`;
  const cut = '\n\n… The summary of the job has the rest.';
  const body = whole.length > MAX_LENGTH ? whole.slice(0, MAX_LENGTH - cut.length) + cut : whole;
  const id = await earlierComment(pullRequest);
  await (id === undefined
    ? github(`${pullRequest}/comments`, 'POST', { body })
    : github(`comments/${id}`, 'PATCH', { body }));
}

const lint = twindex('lint', ...names, '--format', 'markdown');
const plan =
  env.TWINDEX_PLAN === 'true' ? twindex('plan', ...names, '--check', '--format', 'markdown') : undefined;
const text = [lint.text, ...(plan ? [plan.text] : [])].join('\n\n');
if (env.GITHUB_STEP_SUMMARY) appendFileSync(env.GITHUB_STEP_SUMMARY, `${text}\n`);
if (env.GITHUB_OUTPUT) appendFileSync(env.GITHUB_OUTPUT, `lint=${lint.code}\nplan=${plan?.code ?? ''}\n`);
process.stdout.write(`${text}\n`);
const pullRequest = env.TWINDEX_PULL_REQUEST;
try {
  if (env.TWINDEX_COMMENT === 'true' && pullRequest) await comment(pullRequest, text);
} catch (error) {
  // only a warning, since the token of a pull request from a fork may only read
  process.stdout.write(`::warning::${error instanceof Error ? error.message : String(error)}\n`);
}
// 2 means pending changes, which are normal in a pull request
process.exitCode = lint.code || (plan?.code === 2 ? 0 : (plan?.code ?? 0));
