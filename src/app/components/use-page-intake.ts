import { useSignal, type ReadonlySignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { takeInTransfer } from "../intake/take-in.ts";
import type { AppState } from "../state/app-state.ts";

/** Takes drops and pastes anywhere on the page, and Escape for the camera or what is under way. Gives whether something hovers. */
export const usePageIntake = (app: AppState): ReadonlySignal<boolean> => {
  const dragging = useSignal(false);
  useEffect(() => {
    const ending = new AbortController();
    const { signal } = ending;
    listenForDrops(app, dragging, signal);
    document.addEventListener("paste", (event) => takePaste(app, event), { signal });
    document.addEventListener("keydown", (event) => takeEscape(app, event), { signal });
    return () => ending.abort();
  }, [app, dragging]);
  return dragging;
};

const listenForDrops = (app: AppState, dragging: { value: boolean }, signal: AbortSignal): void => {
  const isOwn = followOwnDrags(signal);
  const isForUs = (transfer: DataTransfer | null): transfer is DataTransfer => !isOwn() && isWorthTaking(transfer);
  const hover = (event: DragEvent): void => {
    if (!isForUs(event.dataTransfer)) return;
    dragging.value = !event.defaultPrevented; // or a part of the page takes it for itself
    event.preventDefault(); // or the browser would open the file in place of the page
  };
  const leave = (event: DragEvent): void => {
    if (event.relatedTarget === null) dragging.value = false; // left the window, not just one element
  };
  const drop = (event: DragEvent): void => {
    dragging.value = false;
    if (event.defaultPrevented || !isForUs(event.dataTransfer)) return;
    event.preventDefault();
    takeInTransfer(app, event.dataTransfer);
  };
  document.addEventListener("dragenter", hover, { signal });
  document.addEventListener("dragover", hover, { signal });
  document.addEventListener("dragleave", leave, { signal });
  document.addEventListener("drop", drop, { signal });
};

/** Whether what is dragged now, a link say, is the page's own: it is here already. */
const followOwnDrags = (signal: AbortSignal): (() => boolean) => {
  let own = false;
  const end = (): void => void (own = false);
  document.addEventListener("dragstart", () => void (own = true), { signal });
  document.addEventListener("dragend", end, { signal });
  document.addEventListener("pointermove", end, { signal }); // none come in a drag, nor a dragend if its source is gone
  return () => own;
};

const isWorthTaking = (transfer: DataTransfer | null): boolean =>
  transfer !== null && (transfer.types.includes("Files") || transfer.types.includes("text/uri-list"));

const takePaste = (app: AppState, event: ClipboardEvent): void => {
  const typing = event.target instanceof HTMLInputElement;
  if (!event.clipboardData || (typing && !event.clipboardData.types.includes("Files"))) return;
  if (takeInTransfer(app, event.clipboardData)) event.preventDefault();
};

const takeEscape = (app: AppState, event: KeyboardEvent): void => {
  if (event.key !== "Escape" || event.defaultPrevented || event.isComposing) return; // a half-typed syllable ends first
  if (app.cameraOpen.peek()) app.cameraOpen.value = false;
  else app.activity.peek()?.cancel();
};
