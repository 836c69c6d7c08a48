import type { VNode } from "preact";
import { useWords } from "../state/lab-context.ts";
import { linearScale, logScale, sample, type Scale } from "./chart-scale.ts";
import { formatNumber } from "./format-number.ts";
import { frameWords } from "./words.ts";

type Point = readonly [x: number, y: number];
export type Series = { readonly name: string; readonly points: readonly Point[] };

type LineChartProps = {
  readonly title: string;
  readonly x: string; // what the axes are
  readonly y: string;
  readonly series: readonly Series[];
  readonly logX?: number; // base of a logarithmic axis
  readonly logY?: number;
  readonly testId?: string;
};

const BOX = { width: 360, height: 200, left: 58, right: 14, top: 10, bottom: 38 } as const;
const INNER = { width: BOX.width - BOX.left - BOX.right, height: BOX.height - BOX.top - BOX.bottom } as const;
const ROWS = 12; // of the table

/** Curves over one axis, and the same numbers as a table. */
export const LineChart = ({ title, x, y, series, logX, logY, testId }: LineChartProps): VNode => {
  const points = series.flatMap((each) => each.points);
  const across = scaleOf(
    points.map(([at]) => at),
    logX,
  );
  const up = scaleOf(
    points.map(([, value]) => value),
    logY,
  );
  const left = (at: number): number => BOX.left + across.place(at) * INNER.width;
  const top = (value: number): number => BOX.top + (1 - up.place(value)) * INNER.height;
  return (
    <figure class="chart" data-testid={testId}>
      <figcaption>{title}</figcaption>
      <svg viewBox={`0 0 ${BOX.width} ${BOX.height}`} role="img" aria-label={`${title}. ${y} / ${x}`}>
        {up.ticks.map((tick) => (
          <g key={tick}>
            <path class="chart-grid" d={`M${BOX.left} ${top(tick)}H${BOX.width - BOX.right}`} />
            <text x={BOX.left - 6} y={top(tick) + 4} text-anchor="end">
              {formatTick(tick)}
            </text>
          </g>
        ))}
        {across.ticks.map((tick) => (
          <text key={tick} x={left(tick)} y={BOX.height - 22} text-anchor="middle">
            {formatTick(tick)}
          </text>
        ))}
        <text x={BOX.left + INNER.width / 2} y={BOX.height - 6} text-anchor="middle">
          {x}
        </text>
        {series.map((each, at) => (
          <path key={each.name} class={`chart-line chart-line-${at}`} d={pathOf(each.points, left, top)} />
        ))}
      </svg>
      <ul class="chart-legend">
        {series.map(({ name }, at) => (
          <li key={name}>
            <svg viewBox="0 0 28 8" width="28" height="8" aria-hidden="true">
              <path class={`chart-line chart-line-${at}`} d="M0 4H28" />
            </svg>
            {name}
          </li>
        ))}
      </ul>
      <ChartTable title={title} x={x} series={series} />
    </figure>
  );
};

const ChartTable = ({ title, x, series }: Pick<LineChartProps, "title" | "x" | "series">): VNode => {
  const words = useWords(frameWords);
  const places = [...new Set(series.flatMap(({ points }) => points.map(([at]) => at)))].sort((a, b) => a - b);
  return (
    <details class="chart-numbers">
      <summary>
        {words.numbers}
        <span class="visually-hidden">: {title}</span>
      </summary>
      <table class="matrix">
        <thead>
          <tr>
            <th scope="col">{x}</th>
            {series.map(({ name }) => (
              <th key={name} scope="col">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {sample(places, ROWS).map((place) => (
            <tr key={place}>
              <th scope="row">{formatNumber(place)}</th>
              {series.map(({ name, points }) => {
                const point = points.find(([at]) => at === place);
                return <td key={name}>{point ? formatNumber(point[1]) : ""}</td>;
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </details>
  );
};

const scaleOf = (values: readonly number[], base: number | undefined): Scale =>
  base === undefined ? linearScale(values) : logScale(values, base);

/** Three figures are enough to tell ticks apart; of powers of ten, the power. */
const formatTick = (tick: number): string => {
  const size = Math.abs(tick);
  const plain = size === 0 || (size >= 1e-3 && size < 10_000);
  return plain ? String(Number(tick.toPrecision(3))).replace("-", "−") : formatNumber(tick).replace("1.0·", "");
};

const pathOf = (points: readonly Point[], left: (at: number) => number, top: (value: number) => number): string =>
  points
    .filter(([, value]) => Number.isFinite(value))
    .map(([at, value], index) => `${index === 0 ? "M" : "L"}${left(at).toFixed(1)} ${top(value).toFixed(1)}`)
    .join("");
