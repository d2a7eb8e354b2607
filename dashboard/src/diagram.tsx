// The picture of one migration: the aliases of readers and writers, and the two indexes that they may point to.
import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { Detail } from '../../src/dashboard/pageTypes.js';

interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

const HEIGHT = 58;
const GAP = 84;
const TOP = 12;
/** The width of a character of a name, in pixels. */
const CHARACTER = 7.4;

/** The picture is drawn for its width and not scaled, so that its text is as large as the text of the page. */
function boxesFor(width: number) {
  const left = Math.min(260, width * 0.4);
  const right = Math.min(320, width * 0.44);
  const x = Math.min(width - right - 2, Math.max(left + 60, width * 0.56));
  const alias = (y: number): Box => ({ x: 2, y, width: left, height: HEIGHT });
  const index = (y: number): Box => ({ x, y, width: right, height: HEIGHT });
  const second = TOP + HEIGHT + GAP;
  return {
    readers: alias(TOP),
    writers: alias(second),
    source: index(TOP),
    target: index(second),
    height: second + HEIGHT + TOP,
  };
}

function useWidth() {
  const ref = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(720);
  useLayoutEffect(() => {
    const element = ref.current;
    if (!element) return undefined;
    const observer = new ResizeObserver(() => setWidth(Math.max(280, element.clientWidth)));
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  return { ref, width };
}

type Boxes = ReturnType<typeof boxesFor>;

export function Diagram({ detail }: { readonly detail: Detail }) {
  const { ref, width } = useWidth();
  const boxes = boxesFor(width);
  const { targetExists, sourceExists } = detail;
  return (
    <div class="diagram" ref={ref}>
      <svg width={width} height={boxes.height} role="img" aria-label={sentence(detail)}>
        <defs>
          {KINDS.map((kind) => (
            <marker key={kind} id={`head-${kind}`} viewBox="0 0 8 8" {...HEAD}>
              <path class={`head head-${kind}`} d="M0 0L8 4L0 8z" />
            </marker>
          ))}
        </defs>
        <Ways detail={detail} boxes={boxes} />
        {targetExists && sourceExists && <Sync detail={detail} boxes={boxes} width={width} />}
        <Parts detail={detail} boxes={boxes} />
      </svg>
    </div>
  );
}

const KINDS = ['readers', 'writers', 'copy'] as const;
const HEAD = { refX: '7', refY: '4', markerWidth: '8', markerHeight: '8', orient: 'auto' } as const;
/** If two arrows end at the same index, each ends this far from the middle. */
const APART = 9;

interface DrawnProps {
  readonly detail: Detail;
  readonly boxes: Boxes;
}

function Ways({ detail: { readers, leader, holds }, boxes }: DrawnProps) {
  const apart = readers !== leader ? 0 : readers === 'source' ? APART : -APART;
  return (
    <>
      <Way kind="readers" from={boxes.readers} to={boxes[readers]} shift={-apart} />
      <Way kind="writers" from={boxes.writers} to={boxes[leader]} shift={apart} isHeld={holds} />
    </>
  );
}

function Parts({ detail, boxes }: DrawnProps) {
  const { source, target, leader, aliases, holds, targetExists, sourceExists } = detail;
  const titleOf = (side: 'source' | 'target'): string =>
    `v${detail[side].version}${leader === side ? ', leader' : ''}`;
  return (
    <>
      <Part box={boxes.readers} kind="readers" title="Readers" text={aliases.read} />
      <Part
        box={boxes.writers}
        kind="writers"
        title={holds ? 'Writers (held)' : 'Writers'}
        text={aliases.write}
      />
      <Part
        box={boxes.source}
        kind="source"
        title={titleOf('source')}
        text={source.index}
        isGone={!sourceExists}
      />
      <Part
        box={boxes.target}
        kind="target"
        title={titleOf('target')}
        text={target.index}
        isGone={!targetExists}
      />
    </>
  );
}

interface PartProps {
  readonly box: Box;
  readonly kind: 'readers' | 'writers' | 'source' | 'target';
  readonly title: string;
  readonly text: string;
  readonly isGone?: boolean;
}

function Part({ box, kind, title, text, isGone = false }: PartProps) {
  const { x, y, width, height } = box;
  return (
    <g class={`part part-${kind}${isGone ? ' part-gone' : ''}`}>
      <rect
        x={x}
        y={y}
        width={width}
        height={height}
        rx={kind === 'source' || kind === 'target' ? 8 : height / 2}
      />
      <text class="part-title" x={x + width / 2} y={y + 23} text-anchor="middle">
        {isGone ? 'not there' : title}
      </text>
      <text class="part-name" x={x + width / 2} y={y + 42} text-anchor="middle">
        <title>{text}</title>
        {fitting(text, width - 28)}
      </text>
    </g>
  );
}

/** Keeps both ends of a name, since versions are at the end. */
function fitting(text: string, width: number): string {
  const most = Math.max(6, Math.floor(width / CHARACTER));
  if (text.length <= most) return text;
  const end = Math.ceil((most - 1) / 2);
  return `${text.slice(0, most - 1 - end)}…${text.slice(-end)}`;
}

interface WayProps {
  readonly kind: 'readers' | 'writers';
  readonly from: Box;
  readonly to: Box;
  readonly shift: number;
  readonly isHeld?: boolean;
}

function Way({ kind, from, to, shift, isHeld = false }: WayProps) {
  const [x1, y1] = [from.x + from.width, from.y + from.height / 2];
  const [x2, y2] = [to.x - 2, to.y + to.height / 2 + shift];
  const middle = (x1 + x2) / 2;
  return (
    <path
      class={`way way-${kind}${isHeld ? ' way-held' : ''}`}
      d={`M${x1} ${y1}C${middle} ${y1} ${middle} ${y2} ${x2} ${y2}`}
      marker-end={`url(#head-${kind})`}
    />
  );
}

function Sync({
  detail,
  boxes,
  width,
}: {
  readonly detail: Detail;
  readonly boxes: Boxes;
  readonly width: number;
}) {
  const down = detail.leader === 'source';
  const { source, target } = boxes;
  const x = source.x + source.width * 0.72;
  const [from, to] = down
    ? [source.y + source.height, target.y - 2]
    : [target.y, source.y + source.height + 2];
  const text = syncText(detail);
  return (
    <g>
      <path
        class={`way way-copy${detail.isFollowed ? ' way-alive' : ''}`}
        d={`M${x} ${from}V${to}`}
        marker-end="url(#head-copy)"
      />
      {width > 360 && (
        <text class="sync" x={x - 10} y={(source.y + source.height + target.y) / 2 + 4} text-anchor="end">
          {text}
        </text>
      )}
    </g>
  );
}

function syncText({ state, isFollowed, hasTransform }: Detail): string {
  if (!isFollowed) return state === 'mirroring' || state === 'copying' ? 'paused' : '';
  return state === 'copying' ? 'copying' : hasTransform ? 'kept in sync, transformed' : 'kept in sync';
}

/** The picture in words, for screen readers. */
function sentence(detail: Detail): string {
  const { source, target, readers, leader, isFollowed, targetExists, sourceExists } = detail;
  const [leading, following] = leader === 'source' ? [source, target] : [target, source];
  const where = `Readers use ${detail[readers].index}, writers use ${leading.index}.`;
  if (!targetExists || !sourceExists) return where;
  return `${where} ${following.index} is ${isFollowed ? '' : 'not '}kept in sync with ${leading.index} now.`;
}
