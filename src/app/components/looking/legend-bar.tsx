import type { VNode } from "preact";
import type { Heat } from "../../../index.ts";
import { colourGradient, type ColourMap } from "../../../overlay/colour-map.ts";
import { legendOf } from "../../../overlay/legend.ts";
import { DEFAULT_OPTIONS } from "../../../overlay/overlay-options.ts";

/** What the colours stand for, in the map's own numbers. */
export const LegendBar = ({ heat, colours }: { heat: Heat; colours: ColourMap }): VNode => {
  const { ticks } = legendOf(heat, { colours, scale: DEFAULT_OPTIONS.scale });
  const shown = ticks.filter(({ unit }) => unit * 2 === Math.round(unit * 2)); // the ends and the middle
  return (
    <div class="legend">
      <div class="legend-colours" aria-hidden="true" style={{ background: colourGradient(colours) }} />
      <p class="legend-ticks">
        <span class="visually-hidden">Colours from least to most: </span>
        {shown.map(({ unit, text }) => (
          <span key={unit}>{text}</span>
        ))}
      </p>
    </div>
  );
};
