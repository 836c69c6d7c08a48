import type { VNode } from "preact";
import { useWords } from "../state/lab-context.ts";
import { PatchCanvas, type PatchPicture } from "./patch-canvas.tsx";
import { pictureWords } from "./words.ts";

type PatchFigureProps = PatchPicture & { readonly values: Float32Array; readonly caption: string };

/** A small map over the photo and what it is of. */
export const PatchFigure = ({ caption, ...picture }: PatchFigureProps): VNode => {
  const words = useWords(pictureWords);
  const { values, cells } = picture;
  const most = values.indexOf(Math.max(...values));
  const { width } = cells.grid;
  const place = words.place((most % width) + 1, Math.floor(most / width) + 1);
  return (
    <figure class="patch-figure">
      <PatchCanvas {...picture} label={`${caption}, ${words.brightest} ${place}`} />
      <figcaption>{caption}</figcaption>
    </figure>
  );
};
