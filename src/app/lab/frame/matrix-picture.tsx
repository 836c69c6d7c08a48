import type { VNode } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import { colourIndex, colourTable } from "../../../overlay/colour-map.ts";

type MatrixPictureProps = {
  readonly title: string;
  readonly rows: readonly (readonly number[])[];
  readonly low: number; // what the ends of the colours mean
  readonly high: number;
};

/** Many numbers as colours, one pixel each, made larger by the page. */
export const MatrixPicture = ({ title, rows, low, high }: MatrixPictureProps): VNode => {
  const canvas = useRef<HTMLCanvasElement>(null);
  const [width, height] = [rows[0]?.length ?? 1, rows.length];
  useLayoutEffect(() => {
    const context = canvas.current?.getContext("2d");
    if (!context) return;
    const colours = colourTable("coolwarm"); // RGB of each of 256 steps
    const image = context.createImageData(width, height);
    rows.flat().forEach((value, at) => {
      const unit = Math.min(1, Math.max(0, (value - low) / (high - low)));
      const from = colourIndex(unit) * 3;
      image.data.set([...colours.subarray(from, from + 3), 255], at * 4);
    });
    context.putImageData(image, 0, 0);
  }, [rows, width, height, low, high]);
  return (
    <figure class="chart">
      <figcaption>{title}</figcaption>
      <canvas class="matrix-picture" ref={canvas} width={width} height={height} role="img" aria-label={title} />
    </figure>
  );
};
