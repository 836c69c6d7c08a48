import { effect, type ReadonlySignal } from "@preact/signals";
import type { VNode } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import type { Heat } from "../../../index.ts";
import { OverlayCanvas, type PointedPatch } from "../../../overlay/canvas/overlay-canvas.ts";
import { cellIndex } from "../../../overlay/cell-geometry.ts";
import type { Drawing } from "../../state/looking/look-view.ts";

type OverlayViewProps = {
  readonly picture: ReadonlySignal<HTMLCanvasElement | null>;
  readonly heat: ReadonlySignal<Heat | null>;
  readonly drawing: ReadonlySignal<Drawing>;
  readonly cell: ReadonlySignal<number | null>; // the framed patch
  readonly testId: string;
  readonly onQuery?: (patch: PointedPatch) => void; // a patch is pointed at, or reached by arrow keys
  readonly onPick?: (index: number) => void; // clicked, or touched
  readonly onLeave?: () => void;
};

/** A map over its photo. Signals draw it: another query costs no rendering of the page. */
export const OverlayView = (props: OverlayViewProps): VNode | null => {
  const { picture, heat, drawing, cell, testId, onQuery, onPick, onLeave } = props;
  const canvas = useRef<HTMLCanvasElement>(null);
  const overlay = useRef<OverlayCanvas | null>(null);
  const photo = picture.value;
  const told = useRef(onQuery);
  told.current = onQuery;

  useLayoutEffect(() => {
    if (!canvas.current || !photo || photo.width === 0) return;
    const own = new OverlayCanvas(canvas.current, { photo, onQuery: (query) => told.current?.(query) });
    overlay.current = own;
    const stop = effect(() => {
      const map = heat.value;
      own.update({ heat: map, options: drawing.value, cell: map && cellOf(map, cell.value) });
    });
    return () => {
      stop();
      own.dispose();
      overlay.current = null;
    };
  }, [photo, heat, drawing, cell]);

  const pick = (event: MouseEvent): void => {
    const at = overlay.current?.queryAt(event);
    const map = heat.peek();
    if (at && map) onPick?.(cellIndex(map.grid, at));
  };

  return photo && <canvas ref={canvas} class="overlay" data-testid={testId} onClick={pick} onPointerLeave={onLeave} />;
};

const cellOf = ({ grid }: Heat, index: number | null) =>
  index === null ? null : { column: index % grid.width, row: Math.floor(index / grid.width) };
