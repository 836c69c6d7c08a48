import { useSignal } from "@preact/signals";

/** Takes files that are dropped on one part of the page, which the page then leaves alone. */
export const useDropTarget = (take: (transfer: DataTransfer) => void) => {
  const over = useSignal(false);
  const hover = (event: DragEvent): void => {
    if (!event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    over.value = true;
  };
  const leave = (event: DragEvent): void => {
    const part = event.currentTarget as Node;
    if (!part.contains(event.relatedTarget as Node | null)) over.value = false; // left it, not just one element in it
  };
  const drop = (event: DragEvent): void => {
    over.value = false;
    if (!event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    take(event.dataTransfer);
  };
  return { over, on: { onDragEnter: hover, onDragOver: hover, onDragLeave: leave, onDrop: drop } };
};
