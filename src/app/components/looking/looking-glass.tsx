import { useComputed } from "@preact/signals";
import type { VNode } from "preact";
import type { PointedPatch } from "../../../overlay/canvas/overlay-canvas.ts";
import { settingsOf } from "../../../index.ts";
import { drawingOf } from "../../state/looking/look-view.ts";
import type { Photo } from "../../state/photo.ts";
import { useApp } from "../app-context.ts";
import { OverlayView } from "./overlay-view.tsx";
import { usePicture } from "./use-picture.ts";

/** The chosen photo with its map. Pointing at a patch shows where that patch looks; a click or the arrow keys keep it. */
export const LookingGlass = ({ photo }: { photo: Photo }): VNode => {
  const { looking, words, heat, announce } = useApp();
  const { choice } = looking;
  const picture = usePicture(photo);
  const drawing = useComputed(() => drawingOf(looking.view.value));
  const cell = useComputed(() =>
    words.word.value === null ? (looking.pointed.value ?? numberOf(choice.value?.query)) : words.cell.value,
  );

  const pointAt = (index: number | null): void =>
    words.word.peek() === null ? looking.pointAt(index) : words.pointAtCell(index);
  const keep = (index: number | null): void => {
    const method = words.word.peek() === null && choice.peek()?.method;
    if (method && settingsOf(method).includes("query")) looking.askFrom(index);
    else pointAt(index);
  };
  const follow = ({ index, cell: at, by }: PointedPatch): void => {
    if (by === "pointer") return pointAt(index);
    keep(index);
    announce(`Column ${at.column + 1}, row ${at.row + 1}`);
  };

  return (
    <div class="glass" data-busy={looking.map.busy}>
      <OverlayView
        picture={picture}
        heat={heat}
        drawing={drawing}
        cell={cell}
        testId="overlay"
        onQuery={follow}
        onPick={(index) => keep(index === choice.peek()?.query ? null : index)}
        onLeave={() => pointAt(null)}
      />
    </div>
  );
};

const numberOf = (query: unknown): number | null => (typeof query === "number" ? query : null);
