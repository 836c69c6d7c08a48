import { useComputed } from "@preact/signals";
import type { VNode } from "preact";
import type { Query } from "../../../overlay/canvas/overlay-canvas.ts";
import { settingsOf } from "../../../index.ts";
import { drawingOf } from "../../state/looking/look-view.ts";
import type { Photo } from "../../state/photo.ts";
import { useApp } from "../app-context.ts";
import { OverlayView } from "./overlay-view.tsx";
import { usePicture } from "./use-picture.ts";

/** The chosen photo with its map. Pointing at a patch shows where that patch looks; a click or the arrow keys keep it. */
export const LookingGlass = ({ photo }: { photo: Photo }): VNode => {
  const { looking, announce } = useApp();
  const { pointed, choice } = looking;
  const picture = usePicture(photo);
  const drawing = useComputed(() => drawingOf(looking.view.value));
  const cell = useComputed(() => pointed.value ?? numberOf(choice.value?.query));

  const keep = (index: number | null): void => {
    const method = choice.peek()?.method;
    if (method && settingsOf(method).includes("query")) looking.askFrom(index);
    else looking.pointAt(index);
  };
  const follow = ({ index, cell: at, by }: Query): void => {
    if (by === "pointer") return looking.pointAt(index);
    keep(index);
    announce(`Column ${at.column + 1}, row ${at.row + 1}`);
  };

  return (
    <div class="glass" data-busy={looking.map.busy}>
      <OverlayView
        picture={picture}
        heat={looking.heat}
        drawing={drawing}
        cell={cell}
        testId="overlay"
        onQuery={follow}
        onPick={(index) => keep(index === choice.peek()?.query ? null : index)}
        onLeave={() => looking.pointAt(null)}
      />
    </div>
  );
};

const numberOf = (query: unknown): number | null => (typeof query === "number" ? query : null);
