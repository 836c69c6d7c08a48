import type { Heat } from "../../../worker/contract/heat.ts";
import { VisionError } from "../../../worker/contract/errors.ts";
import type { Rectangle, Size } from "../../../worker/contract/geometry.ts";
import { cellIndex, moveCell } from "../cell-geometry.ts";
import { contains } from "../fit-photo.ts";
import { DEFAULT_OPTIONS, withOptions, type OverlayOptions } from "../overlay-options.ts";
import { planTiles, tilesAspect, type TileLayout, type TilePlan } from "../plan-tiles.ts";
import { drawMap } from "./draw-map.ts";
import { ScaledPhoto, type PhotoSource } from "./photo-source.ts";
import { Surface } from "./surface.ts";

/** One small map and what it is called: "Head 3", "Layer 11". */
export type Tile = { readonly heat: Heat; readonly label: string };

export type TileView = {
  readonly photo: PhotoSource;
  readonly tiles: readonly Tile[];
  readonly layout: TileLayout;
  readonly options: Partial<Omit<OverlayOptions, "beside" | "fit">>;
  readonly chosen: number | null; // framed
};

export type TileStart = Pick<TileView, "photo" | "tiles"> &
  Partial<TileView> & {
    readonly onChoose?: (index: number) => void;
    readonly onReach?: (index: number) => void; // by arrow keys
  };

type TileScene = Omit<TileView, "photo" | "options"> & {
  readonly photo: ScaledPhoto;
  readonly options: OverlayOptions;
};

const LABEL = { height: 18, text: 12 } as const; // CSS pixels
const GAP = 8; // CSS pixels
const FRAME = 3; // CSS pixels

/**
 * Small maps over copies of one photo, on a canvas of any page: all heads as a grid, all layers as a strip. A click, or the
 * arrow keys and Enter while the canvas has the focus, choose one. The one that arrow keys reach is told to `onReach`:
 * screen readers read no label that changes while its canvas has the focus, so the page says it. Labels take the canvas's
 * CSS colour.
 */
export class TileCanvas {
  readonly #surface: Surface;
  readonly #listening = new AbortController();
  readonly #onChoose: (index: number) => void;
  readonly #onReach: (index: number) => void;
  #scene: TileScene;
  #active = 0; // where the arrow keys are

  /** Throws `image-unsupported-input` for a photo that has not loaded, `invalid-argument` for options out of range. */
  constructor(canvas: HTMLCanvasElement, start: TileStart) {
    const { photo, tiles, layout = "grid", options, chosen = null, onChoose, onReach } = start;
    this.#scene = {
      photo: new ScaledPhoto(photo),
      tiles,
      layout,
      options: withOptions(DEFAULT_OPTIONS, options),
      chosen,
    };
    this.#onChoose = onChoose ?? (() => undefined);
    this.#onReach = onReach ?? (() => undefined);
    this.#surface = new Surface(canvas, () => this.#draw());
    this.#listen(canvas);
    this.#shape();
    this.#draw();
  }

  /** Changes what is given and keeps the rest. Drawn before it returns. */
  update(changes: Partial<TileView>): void {
    if (this.#listening.signal.aborted) throw new VisionError("disposed", "tiles: dispose() was called; make others");
    const { photo, tiles, layout, options, chosen } = this.#scene;
    this.#scene = {
      photo: changes.photo && changes.photo !== photo.source ? new ScaledPhoto(changes.photo) : photo,
      tiles: changes.tiles ?? tiles,
      layout: changes.layout ?? layout,
      options: withOptions(options, changes.options),
      chosen: changes.chosen === undefined ? chosen : changes.chosen,
    };
    this.#shape();
    this.#draw();
  }

  /** Which tile lies under a pointer event; `null` between them. */
  tileAt(event: { readonly clientX: number; readonly clientY: number }): number | null {
    const point = this.#surface.pointAt(event);
    const index = this.#plan().tiles.findIndex((tile) => contains(tile, point));
    return index < 0 ? null : index;
  }

  /** Lets go of the canvas, which keeps what it shows. */
  dispose(): void {
    this.#listening.abort();
    this.#surface.dispose();
  }

  #listen(canvas: HTMLCanvasElement): void {
    const { signal } = this.#listening;
    canvas.setAttribute("role", "application");
    canvas.setAttribute("aria-roledescription", "small maps");
    if (!canvas.hasAttribute("tabindex")) canvas.tabIndex = 0;
    canvas.addEventListener("click", (event) => this.#choose(this.tileAt(event)), { signal });
    canvas.addEventListener("keydown", (event) => this.#step(event), { signal });
    canvas.addEventListener("focus", () => this.#draw(), { signal });
    canvas.addEventListener("blur", () => this.#draw(), { signal });
  }

  #step(event: KeyboardEvent): void {
    if (event.altKey || event.ctrlKey || event.metaKey || this.#scene.tiles.length === 0) return;
    const chooses = event.key === "Enter" || event.key === " ";
    const { columns, rows } = this.#plan();
    const from = { column: this.#active % columns, row: Math.floor(this.#active / columns) };
    const grid: Size = { width: columns, height: rows };
    const next = moveCell(grid, from, event.key);
    if (!chooses && !next) return;
    event.preventDefault(); // the page does not scroll
    if (next) this.#reach(Math.min(cellIndex(grid, next), this.#scene.tiles.length - 1));
    else this.#choose(this.#active);
  }

  #reach(index: number): void {
    this.#active = index;
    this.#draw();
    this.#onReach(index);
  }

  #choose(index: number | null): void {
    if (index === null) return;
    this.#active = index;
    this.#scene = { ...this.#scene, chosen: index };
    this.#draw();
    this.#onChoose(index);
  }

  #plan(): TilePlan {
    const { tiles, layout, photo } = this.#scene;
    const { density, size } = this.#surface;
    return planTiles(tiles.length, layout, size, photo.size, LABEL.height * density, GAP * density);
  }

  #shape(): void {
    const { tiles, layout, photo } = this.#scene;
    this.#surface.setAspect(tilesAspect(tiles.length, layout, photo.size));
  }

  #draw(): void {
    const { tiles, chosen } = this.#scene;
    this.#active = Math.min(this.#active, Math.max(tiles.length - 1, 0));
    this.#surface.clear();
    this.#plan().tiles.forEach((place, i) => this.#drawTile(tiles[i]!, place, i));
    const { label } = tiles[this.#active] ?? { label: "None" };
    const state = chosen === this.#active ? ", chosen" : "";
    const told = `${label}${state}, ${this.#active + 1} of ${tiles.length}; arrow keys move, Enter chooses`;
    this.#surface.canvas.setAttribute("aria-label", told);
  }

  #drawTile({ heat, label }: Tile, tile: Rectangle, index: number): void {
    const { photo, options, chosen } = this.#scene;
    const { context, density, canvas } = this.#surface;
    const place = { ...tile, height: tile.height - LABEL.height * density };
    context.drawImage(photo.at(place), place.left, place.top, place.width, place.height);
    drawMap(context, heat, options, place, density);
    const { color, fontFamily } = getComputedStyle(canvas);
    context.fillStyle = context.strokeStyle = color;
    context.font = `${index === chosen ? "bold " : ""}${LABEL.text * density}px ${fontFamily}`;
    context.textAlign = "center";
    context.fillText(
      label,
      tile.left + tile.width / 2,
      place.top + place.height + LABEL.text * 1.2 * density,
      tile.width,
    );
    const reached = index === this.#active && canvas.matches(":focus-visible");
    if (index !== chosen && !reached) return;
    const half = (FRAME * density) / 2;
    context.lineWidth = FRAME * density;
    context.setLineDash(index === chosen ? [] : [half, half]);
    context.strokeRect(place.left + half, place.top + half, place.width - 2 * half, place.height - 2 * half);
    context.setLineDash([]);
  }
}
