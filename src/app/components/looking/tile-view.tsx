import { effect, type ReadonlySignal } from "@preact/signals";
import type { VNode } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import { TileCanvas, type Tile } from "../../../overlay/canvas/tile-canvas.ts";
import type { TileLayout } from "../../../overlay/plan-tiles.ts";
import type { Drawing } from "../../state/looking/look-view.ts";
import { useApp } from "../app-context.ts";

type TileViewProps = {
  readonly picture: ReadonlySignal<HTMLCanvasElement | null>;
  readonly drawing: ReadonlySignal<Drawing>;
  readonly tiles: readonly Tile[];
  readonly layout: TileLayout;
  readonly chosen: number | null;
  readonly testId: string;
  readonly onChoose: (index: number) => void;
};

/** Small maps over copies of a photo; a strip scrolls where it is wider than its place. */
export const TileView = ({
  picture,
  drawing,
  tiles,
  layout,
  chosen,
  testId,
  onChoose,
}: TileViewProps): VNode | null => {
  const { announce } = useApp();
  const canvas = useRef<HTMLCanvasElement>(null);
  const held = useRef<TileCanvas | null>(null);
  const onReach = (index: number): void => announce(tiles[index]!.label + (index === chosen ? ", chosen" : ""));
  const told = useRef({ onChoose, onReach });
  told.current = { onChoose, onReach };
  const photo = picture.value;

  useLayoutEffect(() => {
    if (!canvas.current || !photo || photo.width === 0) return;
    const own = new TileCanvas(canvas.current, {
      photo,
      tiles: [],
      layout,
      onChoose: (index) => told.current.onChoose(index),
      onReach: (index) => told.current.onReach(index),
    });
    held.current = own;
    const stop = effect(() => own.update({ options: { ...drawing.value, upsampling: "bilinear" } }));
    return () => {
      stop();
      own.dispose();
      held.current = null;
    };
  }, [photo, drawing, layout]);

  useLayoutEffect(() => held.current?.update({ tiles, chosen }));

  if (!photo) return null;
  return (
    <div class={`tiles tiles-${layout}`}>
      <canvas
        ref={canvas}
        data-testid={testId}
        style={{ "--tiles": tiles.length, "--columns": Math.ceil(Math.sqrt(tiles.length)) }}
      />
    </div>
  );
};
