import { describe, expect, it } from 'vitest';
import { chooseRoute, type RouteFacts } from './chooseRoute.js';

const facts = (more: Partial<RouteFacts> = {}): RouteFacts => ({
  steps: [],
  noReindex: undefined,
  betweenClusters: false,
  asked: undefined,
  hasSource: false,
  ...more,
});
const up = (doc: Record<string, unknown>) => doc;
const pipeline = { pipeline: 'prices' };

describe('the route', () => {
  it.each([
    ['server', {}],
    ['client', { noReindex: 'no module' }],
    ['client', { steps: [{}, { up }] }],
    ['client', { steps: [{ up: pipeline }, { up }] }],
    ['client', { steps: [{ up: pipeline }, { up: pipeline }] }],
    ['pipeline', { steps: [{}, { up: pipeline }] }],
    ['pipeline', { steps: [{ up: pipeline }], noReindex: 'no module' }],
    ['client', { altered: 'a search pipeline' }],
    ['client', { altered: 'a search pipeline', steps: [{ up: pipeline }] }],
    ['client', { asked: 'client' }],
    ['reingest', { asked: 'reingest', hasSource: true }],
  ] as [string, Partial<RouteFacts>][])('is %s for %j', (name, more) => {
    expect(chooseRoute(facts(more))).toMatchObject({ name, reason: expect.any(String) as string });
  });

  it.each([
    [/no module.*--route client/, { asked: 'server', noReindex: 'no module' }],
    [/a search pipeline.*--route client/, { asked: 'server', altered: 'a search pipeline' }],
    [/a search pipeline/, { asked: 'pipeline', altered: 'a search pipeline', steps: [{ up: pipeline }] }],
    [/as they are, but documents are changed by a function/, { asked: 'server', steps: [{ up }] }],
    [/needs one ingest pipeline/, { asked: 'pipeline' }],
    [/reingest in the index file, or give them with --from/, { asked: 'reingest' }],
  ] as [RegExp, Partial<RouteFacts>][])('can not be had, which is said: %s', (problem, more) => {
    expect(chooseRoute(facts(more))).toEqual({ problem: expect.stringMatching(problem) as string });
  });
});
