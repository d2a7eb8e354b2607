// The plots of one migration: progress, the rate of the copy with its limit, the time of searches, and the lag. Plots
// without values are left out. All plots have the same time axis.
import { useEffect, useLayoutEffect, useRef } from 'preact/hooks';
import uPlot from 'uplot';
import type { Sample } from '../../src/dashboard/pageTypes.js';
import { duration, number } from './format.js';

type Figure = Exclude<keyof Sample, 'at'>;

interface Line {
  readonly figure: Figure;
  readonly title: string;
  /** A variable of style.css. */
  readonly colour: string;
  readonly isLimit?: boolean;
}

interface PlotKind {
  readonly title: string;
  readonly lines: readonly Line[];
  readonly text: (value: number) => string;
  /** The largest value of the axis; undefined: a little more than the largest value that is shown. */
  readonly most?: number;
}

const ms = (value: number): string => (value < 10 ? `${value.toFixed(1)} ms` : duration(value));

const plotsFor = (source: string, target: string, timesFrom: 'engine' | 'gateways'): readonly PlotKind[] => [
  {
    title: 'Progress',
    lines: [{ figure: 'percent', title: 'done', colour: '--accent' }],
    text: (value) => `${Math.floor(value)} %`,
    most: 100,
  },
  {
    title: 'Documents per second',
    lines: [
      { figure: 'copyRate', title: 'copied', colour: '--accent' },
      { figure: 'verifyRate', title: 'compared', colour: '--compared' },
      { figure: 'limit', title: 'limit of the throttle', colour: '--warn', isLimit: true },
    ],
    text: number,
  },
  {
    title: timesFrom === 'gateways' ? 'Searches in gateways, p95' : 'Searches, average',
    lines: [
      { figure: 'sourceMs', title: source, colour: '--source' },
      { figure: 'targetMs', title: target, colour: '--target' },
    ],
    text: ms,
  },
  { title: 'Lag', lines: [{ figure: 'lagMs', title: 'behind', colour: '--accent' }], text: ms },
];

interface Props {
  readonly samples: readonly Sample[];
  readonly source: string;
  readonly target: string;
  readonly timesFrom: 'engine' | 'gateways';
}

/** A line needs two points. */
const LEAST_POINTS = 2;

export function Plots({ samples, source, target, timesFrom }: Props) {
  const known = (figure: Figure): boolean =>
    samples.filter((sample) => sample[figure] !== null).length >= LEAST_POINTS;
  const shown = plotsFor(source, target, timesFrom)
    .map((kind) => ({ ...kind, lines: kind.lines.filter(({ figure }) => known(figure)) }))
    .filter(({ lines }) => lines.length > 0);
  if (shown.length === 0)
    return <p class="quiet">Plots appear here as soon as this dashboard has read values twice.</p>;
  return (
    <div class="plots">
      {shown.map((kind) => (
        <Plot
          key={`${kind.title}${kind.lines.map(({ figure }) => figure).join()}`}
          kind={kind}
          samples={samples}
        />
      ))}
    </div>
  );
}

function Plot({ kind, samples }: { readonly kind: PlotKind; readonly samples: readonly Sample[] }) {
  const ref = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot>(undefined);
  const data = dataOf(kind, samples);
  const latest = useRef(data);
  latest.current = data;
  useLayoutEffect(() => {
    const element = ref.current;
    if (!element) return undefined;
    const draw = (): void => {
      plot.current?.destroy();
      plot.current = new uPlot(optionsOf(kind, element), latest.current, element);
    };
    draw();
    const observer = new ResizeObserver(() =>
      plot.current?.setSize({ width: element.clientWidth, height: PLOT_HEIGHT }),
    );
    observer.observe(element);
    const dark = matchMedia('(prefers-color-scheme: dark)');
    dark.addEventListener('change', draw);
    return () => {
      observer.disconnect();
      dark.removeEventListener('change', draw);
      plot.current?.destroy();
    };
  }, []);
  useEffect(() => plot.current?.setData(data));
  const figures = kind.lines.map((line) => ({ ...line, value: lastOf(samples, line.figure) }));
  return (
    <figure class="plot">
      <figcaption>
        <span class="plot-title">{kind.title}</span>
        {figures.map(({ figure, title, value }) => (
          <span key={figure} class={`key key-${figure}`}>
            <span class="swatch" aria-hidden="true" />
            {title} {value !== null && <b>{kind.text(value)}</b>}
          </span>
        ))}
      </figcaption>
      <div ref={ref} aria-hidden="true" />
    </figure>
  );
}

const PLOT_HEIGHT = 120;

const dataOf = ({ lines }: PlotKind, samples: readonly Sample[]): uPlot.AlignedData =>
  [
    samples.map(({ at }) => at),
    ...lines.map(({ figure }) => samples.map((sample) => sample[figure])),
  ] as uPlot.AlignedData;

/** The value of the latest point, which may be null. An earlier value would look as if it were the present one. */
const lastOf = (samples: readonly Sample[], figure: Figure): number | null =>
  samples.at(-1)?.[figure] ?? null;

const TIME = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit', second: '2-digit' });
const timeOf = (seconds: number): string => TIME.format(seconds * 1_000);

function optionsOf({ lines, text, most }: PlotKind, element: HTMLElement): uPlot.Options {
  const style = getComputedStyle(element);
  const colour = (name: string): string => style.getPropertyValue(name).trim();
  const axis = {
    stroke: colour('--quiet'),
    grid: { stroke: colour('--line'), width: 1 },
    ticks: { show: false },
    font: '11px system-ui, sans-serif',
  };
  return {
    width: element.clientWidth,
    height: PLOT_HEIGHT,
    legend: { show: false },
    cursor: { y: false, points: { size: 6 }, sync: { key: 'migration' } },
    padding: [8, 30, 0, 0],
    scales: { y: { range: (_, __, max) => [0, most ?? (Math.max(max, 0) * 1.1 || 1)] } },
    axes: [
      { ...axis, size: 24, space: 90, values: (_, times) => times.map(timeOf) },
      { ...axis, size: 62, space: 34, values: (_, values) => values.map(text) },
    ],
    series: [
      {},
      ...lines.map(({ colour: name, isLimit = false }) => ({
        stroke: colour(name),
        width: 2,
        points: { show: false },
        spanGaps: false,
        ...(isLimit ? { dash: [6, 4] } : {}),
      })),
    ],
  };
}
