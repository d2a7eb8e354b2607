// Chooses the route by which the documents reach the new index. Pure.
import type { Route } from '../protocol/record.js';
import type { Migration } from '../schema/types.js';

export interface ChosenRoute {
  readonly name: Route;
  /** For example `documents come from another cluster`. */
  readonly reason: string;
}

export interface RouteFacts {
  /** The migrations between the live version and the declared one. */
  readonly steps: readonly Migration[];
  /** Why `_reindex` cannot be used; undefined if it can. */
  readonly noReindex: string | undefined;
  /** Why `_reindex` may read other content than the stored one; undefined if it reads the stored content. */
  readonly altered?: string | undefined;
  /** True if source and target are in different clusters. */
  readonly betweenClusters: boolean;
  /** The value of `--route`. */
  readonly asked: Route | undefined;
  /** True if a source of truth is known: the index file has `reingest`, or `--from` was used. */
  readonly hasSource: boolean;
}

/** @returns `problem` if the route that `--route` names is not possible */
export function chooseRoute(facts: RouteFacts): ChosenRoute | { readonly problem: string } {
  const natural = naturalRoute(facts);
  const { asked } = facts;
  if (asked === undefined || asked === natural.name) return natural;
  const problem = whyNot(asked, facts);
  return problem ? { problem } : { name: asked, reason: '--route names it' };
}

function naturalRoute({ steps, noReindex, altered, betweenClusters }: RouteFacts): ChosenRoute {
  if (betweenClusters) return { name: 'client', reason: 'documents come from another cluster' };
  const ups = steps.flatMap(({ up }) => (up === undefined ? [] : [up]));
  if (ups.some((up) => typeof up === 'function'))
    return { name: 'client', reason: 'documents are changed by a function of the index file' };
  if (altered !== undefined) return { name: 'client', reason: altered };
  const [first] = ups;
  if (typeof first === 'object') {
    if (ups.length === 1)
      return { name: 'pipeline', reason: `documents are changed by the ingest pipeline ${first.pipeline}` };
    return { name: 'client', reason: 'documents pass through several ingest pipelines' };
  }
  return noReindex === undefined
    ? { name: 'server', reason: 'documents stay as they are, so the engine copies them by itself (_reindex)' }
    : { name: 'client', reason: noReindex };
}

function whyNot(asked: Route, facts: RouteFacts): string | undefined {
  const natural = naturalRoute(facts);
  if (facts.betweenClusters && (asked === 'server' || asked === 'pipeline'))
    return `--route ${asked} copies within a cluster, but ${natural.reason}. Leave out --route.`;
  const changed = facts.steps.some(({ up }) => up !== undefined);
  switch (asked) {
    case 'client':
      return undefined;
    case 'server':
      if (facts.altered ?? facts.noReindex)
        return `--route server: ${facts.altered ?? facts.noReindex}. Leave out --route, or use --route client.`;
      return changed
        ? `--route server copies documents as they are, but ${natural.reason}. Leave out --route.`
        : undefined;
    case 'pipeline':
      if (facts.altered !== undefined) return `--route pipeline: ${facts.altered}. Leave out --route.`;
      return `--route pipeline needs one ingest pipeline as the only change (migrations: { 2: { up: { pipeline: 'name' } } }). Leave out --route.`;
    case 'reingest':
      return facts.hasSource
        ? undefined
        : '--route reingest needs the documents: declare reingest in the index file, or give them with --from.';
  }
}
