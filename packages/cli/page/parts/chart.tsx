import type { ComponentChildren } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import uPlot from 'uplot';
import { formatTime } from '../model/format.js';
import { themeRevision } from '../state/theme.js';

export interface ChartLine {
  readonly label: string;
  /** The name of a CSS variable. */
  readonly colour: string;
  /** Undefined values are gaps. */
  readonly values: readonly (number | null)[];
  /** Whether the area below is filled. */
  readonly isFilled?: boolean;
}

/** Where a value of the chart is, in pixels from the top left of its drawing area. */
export type Place = (timeMillis: number, value: number) => { readonly x: number; readonly y: number };

export interface ChartProps {
  readonly title: string;
  readonly timesMillis: readonly number[];
  readonly lines: readonly ChartLine[];
  readonly format: (value: number) => string;
  /** Whether equal distances mean equal factors. */
  readonly isLogarithmic?: boolean;
  /** What is drawn over the lines. */
  readonly children?: (place: Place) => ComponentChildren;
  /** The smallest and largest value that is drawn over the lines. */
  readonly range?: readonly [least: number, most: number] | undefined;
}

const height = 190;

/** Lines over time. */
export function Chart({ title, timesMillis, lines, format, isLogarithmic, children, range }: ChartProps) {
  const box = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | undefined>(undefined);
  const over = useRef(range);
  over.current = range;
  const [drawn, setDrawn] = useState({ count: 0, left: 0, top: 0, width: 0, height: 0 });
  const shape = `${lines.map(({ label }) => label).join()} ${isLogarithmic} ${themeRevision.value}`;

  useEffect(() => {
    const target = box.current;
    if (!target) return undefined;
    const colour = (name: string) => resolvedColour(target, name);
    const axis = {
      stroke: colour('--muted'),
      grid: { stroke: colour('--line'), width: 1 },
      ticks: { show: false },
    };
    const created = new uPlot(
      {
        width: target.clientWidth,
        height,
        cursor: { drag: { x: false, y: false }, points: { show: false } },
        legend: { show: false },
        scales: {
          x: { time: true },
          y: isLogarithmic
            ? { distr: 3, range: (_plot, least, most) => logRange(least, most, over.current) }
            : { range: (_plot, _least, most) => [0, most > 0 ? most * 1.15 : 1] },
        },
        axes: [
          { ...axis, space: 70, values: (_plot, times) => times.map(timeMark) },
          {
            ...axis,
            size: 68,
            values: (_plot, values) => values.map((value) => (value === null ? '' : format(value))),
          },
        ],
        series: [
          {},
          ...lines.map(({ label, colour: name, isFilled }) => ({
            label,
            ...{ stroke: colour(name), width: 1.75, spanGaps: true, points: { show: false } },
            ...(isFilled ? { fill: colour(name).replace('rgb(', 'rgba(').replace(')', ', 0.2)') } : {}),
          })),
        ],
        hooks: {
          draw: [
            (own) =>
              setDrawn(({ count }) => ({
                count: count + 1,
                left: own.over.offsetLeft,
                top: own.over.offsetTop,
                width: own.over.clientWidth,
                height: own.over.clientHeight,
              })),
          ],
        },
      },
      dataOf(timesMillis, lines),
      target,
    );
    plot.current = created;
    const resized = new ResizeObserver(() => {
      if (target.clientWidth > 0) created.setSize({ width: target.clientWidth, height });
    });
    resized.observe(target);
    return () => {
      resized.disconnect();
      created.destroy();
      plot.current = undefined;
    };
  }, [shape]);
  useEffect(() => {
    plot.current?.setData(dataOf(timesMillis, lines));
  }, [timesMillis, lines, range]);

  const place: Place = (timeMillis, value) => ({
    x: plot.current?.valToPos(timeMillis / 1_000, 'x') ?? 0,
    y: plot.current?.valToPos(value, 'y') ?? 0,
  });
  const { left, top, width, height: drawnHeight } = drawn;
  return (
    <figure class="chart">
      <figcaption>
        {title}
        <span class="legend">
          {lines.map(({ label, colour }) => (
            <span key={label}>
              <svg width="14" height="8" aria-hidden="true">
                <line x1="0" x2="14" y1="4" y2="4" stroke={`var(${colour})`} stroke-width="2.5" />
              </svg>{' '}
              {label}
            </span>
          ))}
        </span>
      </figcaption>
      <div class="chart-box" ref={box}>
        {drawn.count > 0 && children && (
          <div
            class="chart-over"
            style={{ left: `${left}px`, top: `${top}px`, width: `${width}px`, height: `${drawnHeight}px` }}
          >
            {children(place)}
          </div>
        )}
      </div>
    </figure>
  );
}

/** A canvas takes no variables: `rgb(…)` for one. */
function resolvedColour(element: HTMLElement, variable: string): string {
  element.style.color = `var(${variable})`;
  const { color } = getComputedStyle(element);
  element.style.color = '';
  return color;
}

function dataOf(timesMillis: readonly number[], lines: readonly ChartLine[]): uPlot.AlignedData {
  return [timesMillis.map((millis) => millis / 1_000), ...lines.map(({ values }) => [...values])];
}

/** The time of day, with seconds where minutes do not tell marks apart. */
function timeMark(seconds: number): string {
  const [hour, minute, second] = formatTime(seconds * 1_000).split(/[:.]/);
  return second === '00' ? `${hour}:${minute}` : `${hour}:${minute}:${second}`;
}

/** Whole powers of ten around the lines and what is drawn over them. */
function logRange(least: number | null, most: number | null, over: ChartProps['range']): [number, number] {
  const values = [least, most, ...(over ?? [])].filter(
    (value): value is number => value !== null && value > 0,
  );
  if (values.length === 0) return [1, 1_000];
  return [
    10 ** Math.floor(Math.log10(Math.min(...values))),
    10 ** Math.ceil(Math.log10(Math.max(...values) * 1.05)),
  ];
}
