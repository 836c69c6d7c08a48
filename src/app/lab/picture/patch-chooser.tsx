import type { VNode } from "preact";
import { cellAt, cellIndex, middleCell, moveCell, type Cell } from "../../../overlay/cell-geometry.ts";
import { useWords } from "../state/lab-context.ts";
import { PatchCanvas, type PatchPicture } from "./patch-canvas.tsx";
import { pictureWords } from "./words.ts";

type PatchChooserProps = PatchPicture & {
  readonly testId: string;
  readonly onChoose: (cell: number) => void; // by a click, a touch or the arrow keys
  readonly onPoint?: (cell: number | null) => void; // while a mouse is over it; null once it has left
};

/** A photo whose patches are to be chosen. */
export const PatchChooser = ({ testId, onChoose, onPoint, ...picture }: PatchChooserProps): VNode => {
  const words = useWords(pictureWords);
  const { cells, cell } = picture;
  const { grid } = cells;
  const indexAt = (event: PointerEvent | MouseEvent): number | null => {
    const found = cellUnder(event, picture);
    return found && cellIndex(grid, found);
  };
  const step = (event: KeyboardEvent): void => {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const from = cell === null ? null : { column: cell % grid.width, row: Math.floor(cell / grid.width) };
    const next = moveCell(grid, from ?? middleCell(grid), event.key);
    if (!next) return;
    event.preventDefault(); // the page does not scroll
    onChoose(cellIndex(grid, from ? next : middleCell(grid)));
  };
  const where =
    cell === null ? words.classToken : words.place((cell % grid.width) + 1, Math.floor(cell / grid.width) + 1);
  return (
    <figure class="patch-chooser">
      <div
        class="patch-field"
        role="application"
        tabIndex={0}
        aria-label={`${words.patches(grid.width, grid.height)}. ${words.chosen}: ${where}. ${words.keys}`}
        data-testid={testId}
        onKeyDown={step}
        onClick={(event) => {
          const index = indexAt(event);
          if (index !== null) onChoose(index);
        }}
        onPointerMove={(event) => event.pointerType === "mouse" && onPoint?.(indexAt(event))}
        onPointerLeave={() => onPoint?.(null)}
      >
        <PatchCanvas {...picture} />
      </div>
      <figcaption>
        <span>
          {words.chosen}: <strong data-testid={`${testId}-place`}>{where}</strong>
        </span>
        <span class="hint">{words.keys}</span>
      </figcaption>
    </figure>
  );
};

function cellUnder(event: MouseEvent, { cells }: PatchPicture): Cell | null {
  const { left, top, width, height } = (event.currentTarget as HTMLElement).getBoundingClientRect();
  const { source } = cells.seen;
  const x = ((event.clientX - left) / width) * source.width;
  const y = ((event.clientY - top) / height) * source.height;
  return cellAt(cells, { x, y });
}
