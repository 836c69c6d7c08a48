import type { VNode } from "preact";
import type { HeadFigures } from "../../../index.ts";
import { formatValue } from "../../../overlay/legend.ts";

type HeadPlotProps = {
  readonly title: string;
  readonly unit: string;
  readonly values: Float32Array; // [layers, heads]
  readonly figures: HeadFigures;
  readonly layer: number; // set off from the others
};

const BOX = { width: 300, height: 120, left: 34, right: 8, top: 8, bottom: 20 } as const;

/** One dot a head over its layer, as figure 7 of Dosovitskiy et al. 2021. */
export const HeadPlot = ({ title, unit, values, figures: { layers, heads }, layer }: HeadPlotProps): VNode => {
  const most = Math.max(...values, Number.MIN_VALUE);
  const x = (at: number): number => BOX.left + ((at + 0.5) / layers) * (BOX.width - BOX.left - BOX.right);
  const y = (value: number): number => BOX.height - BOX.bottom - (value / most) * (BOX.height - BOX.top - BOX.bottom);
  const summary = Array.from({ length: layers }, (_, at) => `layer ${at}: ${formatValue(meanOf(values, at, heads))}`);
  return (
    <figure class="plot">
      <figcaption>
        {title} <span class="hint">({unit})</span>
      </figcaption>
      <svg
        viewBox={`0 0 ${BOX.width} ${BOX.height}`}
        role="img"
        aria-label={`${title}, mean of the heads in ${unit}. ${summary.join(", ")}`}
      >
        <path class="plot-axis" d={`M${BOX.left} ${BOX.top}V${y(0)}H${BOX.width - BOX.right}`} />
        <text x={BOX.left - 5} y={y(most) + 4} text-anchor="end">
          {formatValue(Number(most.toPrecision(2)))}
        </text>
        <text x={BOX.left - 5} y={y(0)} text-anchor="end">
          0
        </text>
        {Array.from({ length: layers }, (_, at) => (
          <text key={at} x={x(at)} y={BOX.height - 5} text-anchor="middle">
            {at}
          </text>
        ))}
        {Array.from(values, (value, i) => {
          const at = Math.floor(i / heads);
          return <circle key={i} class={at === layer ? "plot-chosen" : ""} cx={x(at)} cy={y(value)} r="3.5" />;
        })}
      </svg>
    </figure>
  );
};

const meanOf = (values: Float32Array, layer: number, heads: number): number =>
  values.subarray(layer * heads, (layer + 1) * heads).reduce((sum, value) => sum + value, 0) / heads;
