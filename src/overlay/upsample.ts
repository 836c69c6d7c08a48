import type { Rectangle, Size } from "../../worker/contract/geometry.ts";

export type Upsampling = "bilinear" | "nearest";

/** Which samples make one row or column of the result: `low · (1 - weight) + high · weight`; low is -1 off the map. */
type Taps = { readonly low: Int32Array; readonly high: Int32Array; readonly weight: Float64Array };

/**
 * A map `[rows, columns]` at another size, `[height, width]`. Half-pixel centres and clamped edges, so that it equals
 * PyTorch's `interpolate` with `align_corners=False` ("bilinear") and "nearest-exact". `over` is where the map lies in the
 * result, in its pixels; pixels whose centre it does not cover are NaN.
 */
export function upsample(
  values: Float32Array,
  grid: Size,
  size: Size,
  mode: Upsampling,
  over: Rectangle = { left: 0, top: 0, ...size },
): Float32Array {
  const across = taps(grid.width, size.width, over.left, over.width, mode);
  const down = taps(grid.height, size.height, over.top, over.height, mode);
  const result = new Float32Array(size.width * size.height).fill(NaN); // [height, width]
  for (let y = 0; y < size.height; y++) {
    if (down.low[y]! < 0) continue;
    const upper = down.low[y]! * grid.width;
    const lower = down.high[y]! * grid.width;
    for (let x = 0; x < size.width; x++) {
      const low = across.low[x]!;
      if (low < 0) continue;
      const high = across.high[x]!;
      const weight = across.weight[x]!;
      const above = values[upper + low]! * (1 - weight) + values[upper + high]! * weight;
      const below = values[lower + low]! * (1 - weight) + values[lower + high]! * weight;
      result[y * size.width + x] = above * (1 - down.weight[y]!) + below * down.weight[y]!;
    }
  }
  return result;
}

function taps(cells: number, pixels: number, start: number, length: number, mode: Upsampling): Taps {
  const low = new Int32Array(pixels).fill(-1);
  const high = new Int32Array(pixels);
  const weight = new Float64Array(pixels);
  for (let i = 0; i < pixels; i++) {
    const at = ((i + 0.5 - start) / length) * cells; // in cells, 0…cells over the map
    if (at < 0 || at >= cells) continue;
    const between = mode === "nearest" ? Math.floor(at) : Math.min(Math.max(at - 0.5, 0), cells - 1);
    low[i] = Math.floor(between);
    high[i] = Math.min(low[i]! + 1, cells - 1);
    weight[i] = between - low[i]!;
  }
  return { low, high, weight };
}
