import type { Locator } from "playwright";

/** What a canvas shows, `[height, width, 4]`, as bytes. */
export const pixelsOf = (canvas: Locator): Promise<number[]> =>
  canvas.evaluate((element: HTMLCanvasElement) => {
    const small = document.createElement("canvas");
    small.width = small.height = 48;
    const context = small.getContext("2d")!;
    context.drawImage(element, 0, 0, 48, 48);
    return Array.from(context.getImageData(0, 0, 48, 48).data);
  });

/** The mean difference of two pictures, 0…255 a channel. */
export const differenceOf = (one: readonly number[], other: readonly number[]): number =>
  one.reduce((sum, value, i) => sum + Math.abs(value - other[i]!), 0) / one.length;
