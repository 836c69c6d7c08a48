import type { Heat } from "../../../worker/contract/heat.ts";
import { VisionError } from "../../../worker/contract/errors.ts";
import { cellAt, cellIndex, clampCell, middleCell, moveCell, type Cell } from "../cell-geometry.ts";
import { describeForEars } from "../describe-heat.ts";
import type { Provenance } from "../export/heat-json.ts";
import { legendOf, type Legend } from "../legend.ts";
import { DEFAULT_OPTIONS, withOptions, type OverlayOptions } from "../overlay-options.ts";
import { photoPointAt, planScene, type Pane } from "../plan-scene.ts";
import { drawScene, type Scene } from "./draw-scene.ts";
import { exportPng } from "./export-png.ts";
import { ScaledPhoto, type PhotoSource } from "./photo-source.ts";
import { Surface } from "./surface.ts";

/** The patch that somebody points at. */
export type PointedPatch = {
  readonly cell: Cell;
  readonly index: number; // `row * columns + column`, as `explain` takes it
  readonly value: number; // of the map shown
  readonly by: "pointer" | "keyboard";
};

export type OverlayView = {
  readonly photo: PhotoSource;
  readonly heat: Heat | null; // null: the photo alone
  readonly options: Partial<OverlayOptions>;
  readonly cell: Cell | null; // the framed patch
};

export type OverlayStart = Pick<OverlayView, "photo"> &
  Partial<OverlayView> & { readonly onQuery?: (patch: PointedPatch) => void };

/**
 * An attention map over a photo, on a canvas of any page. The page's styles give the canvas its size. Pointing at the
 * photo, or the arrow keys while the canvas has the focus, choose a patch: it is framed and told to `onQuery`, and whoever
 * computes a map for it hands it back with `update`.
 */
export class OverlayCanvas {
  readonly #surface: Surface;
  readonly #listening = new AbortController();
  readonly #onQuery: (patch: PointedPatch) => void;
  #scene: Scene;

  /** Throws `image-unsupported-input` for a photo that has not loaded, `invalid-argument` for options out of range. */
  constructor(canvas: HTMLCanvasElement, { photo, heat = null, options, cell = null, onQuery }: OverlayStart) {
    this.#scene = { photo: new ScaledPhoto(photo), heat, options: withOptions(DEFAULT_OPTIONS, options), cell };
    this.#onQuery = onQuery ?? (() => undefined);
    this.#surface = new Surface(canvas, () => this.#draw());
    this.#listen(canvas);
    this.#shape();
    this.#draw();
  }

  /** Changes what is given and keeps the rest; `options` change one by one. Drawn before it returns. */
  update(changes: Partial<OverlayView>): void {
    this.#expectLiving();
    const { photo, heat, cell } = this.#scene;
    this.#scene = {
      photo: changes.photo && changes.photo !== photo.source ? new ScaledPhoto(changes.photo) : photo,
      heat: changes.heat === undefined ? heat : changes.heat,
      options: withOptions(this.#scene.options, changes.options),
      cell: changes.cell === undefined ? cell : changes.cell,
    };
    if (changes.photo || changes.options?.beside !== undefined) this.#shape();
    this.#draw();
  }

  /** The patch under a pointer event; `null` off the photo and where the model saw nothing. */
  queryAt(event: { readonly clientX: number; readonly clientY: number }): Cell | null {
    const { heat } = this.#scene;
    if (!heat) return null;
    const point = photoPointAt(this.#panes(), heat.seen.source, this.#surface.pointAt(event));
    return point && cellAt(heat, point);
  }

  /** What the colours stand for; `null` without a map. */
  legend(): Legend | null {
    return this.#scene.heat && legendOf(this.#scene.heat, this.#scene.options);
  }

  /** A PNG of the photo with its map, legend and provenance, at the photo's own size as far as canvases reach. */
  async toBlob(provenance: Provenance = {}): Promise<Blob> {
    this.#expectLiving();
    return exportPng(this.#scene, provenance);
  }

  /** Lets go of the canvas, which keeps what it shows. */
  dispose(): void {
    this.#listening.abort();
    this.#surface.dispose();
  }

  #listen(canvas: HTMLCanvasElement): void {
    const { signal } = this.#listening;
    canvas.setAttribute("role", "application");
    canvas.setAttribute("aria-roledescription", "attention map");
    if (!canvas.hasAttribute("tabindex")) canvas.tabIndex = 0;
    const point = (event: PointerEvent): void => this.#choose(this.queryAt(event), "pointer");
    canvas.addEventListener("pointermove", point, { signal });
    canvas.addEventListener("pointerdown", point, { signal });
    canvas.addEventListener("keydown", (event) => this.#step(event), { signal });
  }

  #step(event: KeyboardEvent): void {
    const { heat, cell } = this.#scene;
    if (!heat || event.altKey || event.ctrlKey || event.metaKey) return;
    const next = moveCell(heat.grid, cell ?? middleCell(heat.grid), event.key);
    if (!next) return;
    event.preventDefault(); // the page does not scroll
    this.#choose(cell ? next : middleCell(heat.grid), "keyboard");
  }

  #choose(cell: Cell | null, by: PointedPatch["by"]): void {
    const { heat, cell: before } = this.#scene;
    if (!heat || !cell || (cell.column === before?.column && cell.row === before.row)) return;
    this.#scene = { ...this.#scene, cell };
    this.#draw();
    const index = cellIndex(heat.grid, cell);
    this.#onQuery({ cell, index, value: heat.values[index]!, by });
  }

  #panes(): readonly Pane[] {
    const { photo, options } = this.#scene;
    return planScene(this.#surface.size, photo.size, options.fit, options.beside);
  }

  #shape(): void {
    const { photo, options } = this.#scene;
    this.#surface.setAspect((photo.size.width * (options.beside ? 2 : 1)) / photo.size.height);
  }

  #draw(): void {
    const { heat, cell } = this.#scene;
    if (heat && cell) this.#scene = { ...this.#scene, cell: clampCell(heat.grid, cell) }; // another map, fewer cells
    this.#surface.clear();
    drawScene(this.#surface.context, this.#scene, this.#panes(), this.#surface.density);
    this.#surface.canvas.setAttribute("aria-label", describeForEars(heat, this.#scene.cell));
  }

  #expectLiving(): void {
    if (this.#listening.signal.aborted)
      throw new VisionError("disposed", "overlay: dispose() was called; make another");
  }
}
