// Draws ```mermaid blocks as SVG when the site is built, so that no browser has to load the mermaid library. Supports
// only the kinds of lines that the diagrams of this documentation contain.
import { Graph, layout } from '@dagrejs/dagre';
import type { MarkdownOptions } from 'vitepress';

type MarkdownIt = Parameters<NonNullable<MarkdownOptions['config']>>[0];

export function drawDiagrams(md: MarkdownIt): void {
  const fence = md.renderer.rules.fence;
  md.renderer.rules.fence = (tokens, at, ...rest) => {
    const token = tokens[at];
    if (token?.info.trim() === 'mermaid')
      return `<div class="diagram" v-pre>${drawDiagram(token.content)}</div>`;
    return fence?.(tokens, at, ...rest) ?? '';
  };
}

interface Diagram {
  /** Labels of the nodes, by their ids. */
  readonly nodes: Map<string, string>;
  /** The group of a node, by the node's id. */
  readonly groups: Map<string, string>;
  readonly arrows: [from: string, to: string][];
}

/** @throws Error if a line is of another kind */
export function readDiagram(source: string): Diagram {
  const diagram: Diagram = { nodes: new Map(), groups: new Map(), arrows: [] };
  let group: string | undefined;
  const add = (id: string, label = id): void => {
    if (!diagram.nodes.has(id)) diagram.nodes.set(id, label);
    if (group !== undefined) diagram.groups.set(id, group);
  };
  const lines = source.split('\n').map((line) => line.trim());
  for (const line of lines.filter(
    (text) => text !== '' && !/^(?:flowchart TB|stateDiagram-v2)$/.test(text),
  )) {
    const [, arrowFrom, arrowTo] = /^(\S+) --> (\S+)$/.exec(line) ?? [];
    const [, node, label] = /^(\w+)\["(.*)"\]$/.exec(line) ?? [];
    const [, begun] = /^subgraph (\w+)$/.exec(line) ?? [];
    if (arrowFrom && arrowTo) {
      const ends: [string, string] = [stateId(arrowFrom, 'start'), stateId(arrowTo, 'end')];
      for (const end of ends) add(end);
      diagram.arrows.push(ends);
    } else if (node) add(node, label);
    else if (begun) group = begun;
    else if (line === 'end') group = undefined;
    else throw new Error(`docs/.vitepress/diagrams.ts cannot draw this line of a diagram: ${line}`);
  }
  return diagram;
}

/** In a state diagram `[*]` stands for the start at the left of an arrow, and for the end at its right. */
const stateId = (name: string, end: string): string => (name === '[*]' ? end : name);

const CHARACTER = 8;
const LINE = 20;
const PADDING = 10;

/** @returns an SVG whose colours come from site.css, for light and dark pages */
function drawDiagram(source: string): string {
  const { nodes, groups, arrows } = readDiagram(source);
  const graph = new Graph({ compound: true });
  graph.setGraph({ nodesep: 30, ranksep: 40, marginx: PADDING, marginy: PADDING });
  graph.setDefaultEdgeLabel(() => ({}));
  for (const group of new Set(groups.values())) graph.setNode(`group ${group}`, { label: group });
  for (const [id, label] of nodes) {
    graph.setNode(id, { label, width: label.length * CHARACTER + 2 * PADDING, height: LINE + PADDING });
    const group = groups.get(id);
    if (group !== undefined) graph.setParent(id, `group ${group}`);
  }
  for (const [from, to] of arrows) graph.setEdge(from, to);
  layout(graph);
  const boxes = graph.nodes().map((id: string) => box(graph.node(id) as Box, id.startsWith('group ')));
  const paths = graph
    .edges()
    .map((edge: { v: string; w: string }) => path((graph.edge(edge) as { points: Point[] }).points));
  const { width, height } = graph.graph() as { width: number; height: number };
  const size = `viewBox="0 0 ${Math.ceil(width)} ${Math.ceil(height)}" width="${Math.ceil(width)}"`;
  const head =
    '<defs><marker id="diagram-arrow" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="7" markerHeight="7" ' +
    'orient="auto"><path class="diagram-head" d="M0 0L8 4L0 8Z"/></marker></defs>';
  // Groups are drawn before their nodes, so that they do not cover the nodes.
  const drawn = [
    ...boxes.sort((a: Drawn, b: Drawn) => a.order - b.order).map(({ svg }: Drawn) => svg),
    ...paths,
  ];
  return `<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-label="diagram" ${size}>${head}${drawn.join('')}</svg>`;
}

interface Point {
  readonly x: number;
  readonly y: number;
}

interface Box extends Point {
  readonly label: string;
  readonly width: number;
  readonly height: number;
}

interface Drawn {
  readonly order: number;
  readonly svg: string;
}

function box({ label, x, y, width, height }: Box, isGroup: boolean): Drawn {
  const top = y - height / 2;
  const rect = `<rect x="${round(x - width / 2)}" y="${round(top)}" width="${round(width)}" height="${round(height)}" rx="6"/>`;
  const textY = isGroup ? top + LINE - 4 : y + 5;
  const text = `<text x="${round(x)}" y="${round(textY)}" text-anchor="middle">${label}</text>`;
  return {
    order: isGroup ? 0 : 1,
    svg: `<g class="${isGroup ? 'diagram-group' : 'diagram-node'}">${rect}${text}</g>`,
  };
}

const path = (points: readonly Point[]): string =>
  `<path class="diagram-line" marker-end="url(#diagram-arrow)" d="M${points.map(({ x, y }) => `${round(x)} ${round(y)}`).join('L')}"/>`;

const round = (value: number): number => Math.round(value * 10) / 10;
