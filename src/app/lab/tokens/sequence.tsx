import type { VNode } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import type { SeenTokens } from "../../../../worker/contract/lab.ts";
import { cellRectangle } from "../../../overlay/cell-geometry.ts";
import { useWords } from "../state/lab-context.ts";
import { tokenWords } from "./words.ts";

type SequenceProps = {
  readonly followed: SeenTokens;
  readonly photo: HTMLCanvasElement | null;
  readonly chosen: number;
};

/** The picture as the model reads it: prefix tokens, then patch after patch. */
export const Sequence = ({ followed, photo, chosen }: SequenceProps): VNode => {
  const words = useWords(tokenWords);
  const { grid, prefixTokens } = followed;
  const tokens = prefixTokens + grid.width * grid.height;
  return (
    <figure class="sequence">
      <figcaption>{words.sequence(tokens)}</figcaption>
      <ol aria-hidden="true">
        {Array.from({ length: tokens }, (_, token) => (
          <li key={token} class={token === chosen ? "sequence-chosen" : ""}>
            {token < prefixTokens ? words.cls : <Patch cells={followed} photo={photo} cell={token - prefixTokens} />}
          </li>
        ))}
      </ol>
    </figure>
  );
};

const SIDE = 32; // pixels

type PatchProps = { readonly cells: SeenTokens; readonly photo: HTMLCanvasElement | null; readonly cell: number };

/** One patch, as square as the model sees it. */
const Patch = ({ cells, photo, cell }: PatchProps): VNode => {
  const canvas = useRef<HTMLCanvasElement>(null);
  useLayoutEffect(() => {
    const context = canvas.current?.getContext("2d");
    if (!context || !photo) return;
    const { grid, seen } = cells;
    const place = { column: cell % grid.width, row: Math.floor(cell / grid.width) };
    const { left, top, width, height } = cellRectangle(cells, place);
    const factor = photo.width / seen.source.width; // the page's copy may be smaller
    context.clearRect(0, 0, SIDE, SIDE);
    context.drawImage(photo, left * factor, top * factor, width * factor, height * factor, 0, 0, SIDE, SIDE);
  }, [cells, photo, cell]);
  return <canvas ref={canvas} width={SIDE} height={SIDE} />;
};
