// Refuses requests that would change twindex's journal, ledgers or aliases, also while no migration runs.
import { isObject } from '../../../json/plain.js';
import { illegal, type InspectDecision, refuse, type RefuseDecision } from './decisions.js';
import { ownReason, reachesOwn } from './ownNames.js';
import type { AdminAction, Target } from './target.js';
import { readParams } from './url.js';

const NAMES_IN_BODY: ReadonlySet<AdminAction> = new Set([
  'alias',
  'aliases',
  'createIndex',
  'resize',
  'rollover',
]);

/** The write of a single document is not refused here, but by `Names.forWrite`. */
export function refuseOwn(target: Target, url: string): RefuseDecision | undefined {
  switch (target.type) {
    case 'bulk':
      return target.index !== undefined && reachesOwn(target.index) ? refused(target.index) : undefined;
    case 'byQuery':
    case 'typed':
      return reachesOwn(target.index, findsHidden(url)) ? refused(target.index) : undefined;
    case 'admin': {
      const { action, index, name } = target;
      if (name !== undefined && reachesOwn(name)) return refused(name);
      // then the body names the index, and `refuseOwnInBody` checks it
      if (index === undefined && NAMES_IN_BODY.has(action)) return undefined;
      return reachesOwn(index, findsHidden(url)) ? refused(index ?? '_all') : undefined;
    }
    default:
      return undefined;
  }
}

/** Whether the body may name one of twindex's indexes. If so, it is parsed even if no migration runs. */
export const mayNameOwn = (target: Target): target is InspectDecision['target'] =>
  target.type === 'reindex' || (target.type === 'admin' && NAMES_IN_BODY.has(target.action));

export function refuseOwnInBody(
  target: InspectDecision['target'],
  body: Readonly<Record<string, unknown>>,
): RefuseDecision | undefined {
  if (target.type === 'reindex') {
    const { dest, script } = body;
    const into = isObject(dest) ? dest['index'] : undefined;
    if (typeof into === 'string' && reachesOwn(into)) return refused(into);
    return script === undefined || isPlain(script) ? undefined : refuse(illegal(UNREADABLE_SCRIPT));
  }
  switch (target.action) {
    case 'aliases':
      return refuseActions(body['actions']);
    case 'alias':
      return ownIn([...textsOf(body['index']), ...textsOf(body['alias'])]);
    case 'createIndex':
    case 'resize':
    case 'rollover':
      return ownIn(isObject(body['aliases']) ? Object.keys(body['aliases']) : []);
    default:
      return undefined;
  }
}

/** The engines also accept a single action without the list around it. */
export const actionsOf = (actions: unknown): readonly unknown[] =>
  Array.isArray(actions) ? (actions as unknown[]) : actions === undefined ? [] : [actions];

/** Values may be strings or lists of strings. */
export function textsOf(...values: readonly unknown[]): string[] {
  return values.flat().flatMap((value) => (typeof value === 'string' ? [value] : []));
}

function refuseActions(given: unknown): RefuseDecision | undefined {
  for (const action of actionsOf(given)) {
    if (!isObject(action) || !Object.values(action).every(isObject))
      return refuse(
        illegal('[actions] is not a list of objects, so twindex cannot see which indexes it names'),
      );
    for (const value of Object.values(action)) {
      if (!isObject(value)) continue;
      const { index, indices, alias, aliases } = value;
      const own = ownIn(textsOf(index, indices, alias, aliases));
      if (own) return own;
    }
  }
  return undefined;
}

function ownIn(names: readonly string[]): RefuseDecision | undefined {
  const own = names.find((name) => reachesOwn(name));
  return own === undefined ? undefined : refused(own);
}

const refused = (name: string): RefuseDecision => refuse(illegal(ownReason(name)));

function findsHidden(url: string): boolean {
  const question = url.indexOf('?');
  const params = readParams(question < 0 ? '' : url.slice(question + 1));
  if ('reason' in params) return true;
  return /(?:^|,)\s*(?:all|hidden)\s*(?:,|$)/i.test(params.values['expand_wildcards'] ?? '');
}

const UNREADABLE_SCRIPT =
  'a script can make a reindex write to any index through ctx._index. So twindex forwards a reindex with a script only if each use of ' +
  'ctx in its source is ctx._source, ctx._id, ctx._routing, ctx._version or ctx.op. Send this request to the engine itself';

const HARMLESS =
  /\bctx\s*\??\.\s*(?:_source|_id|_routing|_version|op)\b|\bctx\s*\[\s*(['"])(?:_source|_id|_routing|_version|op)\1\s*\]/g;

/** Whether the script certainly leaves the index of each document unchanged. False for a stored script. */
function isPlain(script: unknown): boolean {
  if (typeof script === 'string') return isHarmless(script);
  if (!isObject(script)) return false;
  const { source, lang, id, stored, inline } = script;
  if (id !== undefined || stored !== undefined || inline !== undefined) return false;
  return (lang === undefined || lang === 'painless') && typeof source === 'string' && isHarmless(source);
}

const isHarmless = (source: string): boolean => !/\bctx\b/.test(source.replaceAll(HARMLESS, ''));
