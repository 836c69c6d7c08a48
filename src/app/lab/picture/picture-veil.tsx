import type { VNode } from "preact";
import { useLab, useWords } from "../state/lab-context.ts";
import { pictureWords } from "./words.ts";

/** Covers the page while a picture is held over it. */
export const PictureVeil = (): VNode | null => {
  const words = useWords(pictureWords);
  return useLab().pictures.dragging.value ? (
    <div class="drop-veil" aria-hidden="true">
      <p>{words.drop}</p>
    </div>
  ) : null;
};
