import { useEffect } from "preact/hooks";
import { readDroppedFiles } from "../../intake/dropped-files.ts";
import type { LabPictures } from "./lab-pictures.ts";

/** Takes a picture dropped or pasted anywhere on the page. */
export function usePictureIntake(pictures: LabPictures): void {
  useEffect(() => {
    const ending = new AbortController();
    const { signal } = ending;
    const hover = (event: DragEvent): void => {
      if (!event.dataTransfer?.types.includes("Files")) return;
      event.preventDefault(); // or the browser would open the file in place of the page
      pictures.dragging.value = true;
    };
    const leave = (event: DragEvent): void => {
      if (event.relatedTarget === null) pictures.dragging.value = false; // left the window, not just one element
    };
    const take = (event: Event, transfer: DataTransfer | null): void => {
      pictures.dragging.value = false;
      if (!transfer?.types.includes("Files")) return;
      event.preventDefault();
      void readDroppedFiles(transfer).then(([first]) => {
        if (first) void pictures.take({ name: first.file.name, content: first.file });
      });
    };
    document.addEventListener("dragenter", hover, { signal });
    document.addEventListener("dragover", hover, { signal });
    document.addEventListener("dragleave", leave, { signal });
    document.addEventListener("drop", (event) => take(event, event.dataTransfer), { signal });
    document.addEventListener("paste", (event) => take(event, event.clipboardData), { signal });
    return () => ending.abort();
  }, [pictures]);
}
