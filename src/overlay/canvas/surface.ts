import type { Size } from "../../../worker/contract/geometry.ts";
import type { Point } from "../cell-geometry.ts";
import { contextOf } from "./photo-source.ts";

/** The canvas in the page: as many pixels as the screen shows of it, at whatever size the page's styles give it; no padding. */
export class Surface {
  readonly context: CanvasRenderingContext2D;
  readonly #observer: ResizeObserver;
  #size: Size;
  #aspect: number | null = null;

  constructor(
    readonly canvas: HTMLCanvasElement,
    onResize: () => void,
  ) {
    this.context = contextOf(canvas);
    keepApart(canvas);
    this.#size = measure(canvas);
    const exactly = "devicePixelContentBoxSize" in ResizeObserverEntry.prototype; // not in Safari
    this.#observer = new ResizeObserver(([entry]) => {
      const exact = exactly ? entry?.devicePixelContentBoxSize[0] : undefined;
      const size = exact ? { width: exact.inlineSize, height: exact.blockSize } : measure(canvas);
      if (size.width === this.#size.width && size.height === this.#size.height) return;
      this.#size = size;
      onResize();
    });
    this.#observer.observe(canvas, { box: exactly ? "device-pixel-content-box" : "content-box" });
  }

  /** In device pixels. */
  get size(): Size {
    return this.#size;
  }

  /** Device pixels in a CSS pixel. */
  get density(): number {
    return this.#size.width / Math.max(this.canvas.clientWidth, 1);
  }

  /** The shape that the canvas takes where the page's styles leave its height open. */
  setAspect(ratio: number): void {
    if (ratio === this.#aspect) return;
    this.#aspect = ratio;
    this.canvas.style.aspectRatio = String(ratio);
    this.#size = measure(this.canvas);
  }

  /** Empties the canvas. */
  clear(): void {
    const { width, height } = this.#size;
    if (this.canvas.width !== width) this.canvas.width = width;
    if (this.canvas.height !== height) this.canvas.height = height;
    this.context.clearRect(0, 0, width, height);
  }

  /** Where an event lies on the canvas, in device pixels. */
  pointAt({ clientX, clientY }: { readonly clientX: number; readonly clientY: number }): Point {
    const { left, top, width } = this.canvas.getBoundingClientRect();
    const { clientLeft, clientTop, offsetWidth } = this.canvas;
    const zoom = width / Math.max(offsetWidth, 1); // of CSS transforms
    return {
      x: ((clientX - left) / zoom - clientLeft) * this.density,
      y: ((clientY - top) / zoom - clientTop) * this.density,
    };
  }

  dispose(): void {
    this.#observer.disconnect();
  }
}

/** A canvas whose layout follows its pixels would grow with every draw on a dense screen: it fills its place instead. */
function keepApart(canvas: HTMLCanvasElement): void {
  const before = canvas.clientWidth;
  canvas.width += 1;
  if (canvas.clientWidth !== before) canvas.style.width = "100%";
  canvas.width -= 1;
}

const measure = (canvas: HTMLCanvasElement): Size => ({
  width: Math.max(Math.round(canvas.clientWidth * devicePixelRatio), 1),
  height: Math.max(Math.round(canvas.clientHeight * devicePixelRatio), 1),
});
