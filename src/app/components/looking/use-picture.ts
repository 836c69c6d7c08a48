import { useSignal, type ReadonlySignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { drawPicture, scaleToSide } from "../../intake/draw-picture.ts";
import type { Photo } from "../../state/photo.ts";

/** Sharp on a wide screen, and quick to draw. */
const LONGEST_SIDE = 1600; // pixels

/** A photo's pixels, for as long as the component shows it; null until they are there, or where the browser has none. */
export const usePicture = (photo: Photo): ReadonlySignal<HTMLCanvasElement | null> => {
  const picture = useSignal<HTMLCanvasElement | null>(null);
  const seen = photo.state.value.kind !== "waiting"; // by then an address has been fetched, or soon will
  const { content } = photo;
  useEffect(() => {
    if (!(content instanceof Blob)) return;
    let wanted = true;
    let drawn: HTMLCanvasElement | null = null;
    const show = (canvas: HTMLCanvasElement | null): void => {
      drawn = canvas;
      if (wanted) picture.value = canvas;
      else release(canvas);
    };
    void drawPicture(content, scaleToSide(LONGEST_SIDE)).then(show, () => undefined);
    return () => {
      wanted = false;
      picture.value = null;
      release(drawn);
    };
  }, [content, seen, picture]);
  return picture;
};

/** Its pixels go at once, not when somebody collects garbage. */
const release = (canvas: HTMLCanvasElement | null): void => {
  if (canvas) canvas.width = 0;
};
