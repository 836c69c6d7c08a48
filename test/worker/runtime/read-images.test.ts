import { expect, test, vi } from "vitest";
import { defaultRecipe } from "../../../worker/checkpoint/config/image-recipe.ts";
import type { ImageMessage } from "../../../worker/contract/api.ts";
import type { RgbImage } from "../../../worker/contract/pixels.ts";
import { ImageReader } from "../../../worker/runtime/read-images.ts";

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test("a bitmap that waits to be decoded is closed where its call ends; one under way is the decoder's", async () => {
  const decode = vi.fn(() => new Promise<RgbImage>(() => undefined));
  const reader = new ImageReader(decode);
  const closed: number[] = [];
  const bitmaps = [0, 1, 2].map((at) => ({ close: () => void closed.push(at) }) as unknown as ImageMessage);
  const stop = new AbortController();
  const recipe = defaultRecipe({ width: 8, height: 8 }, 3);
  const reading = bitmaps.map((bitmap) => reader.read(async () => bitmap, recipe, stop.signal).catch(() => "ended"));
  await turn();
  stop.abort();
  expect(await Promise.all(reading)).toEqual(["ended", "ended", "ended"]);
  await turn();
  expect(decode).toHaveBeenCalledOnce();
  expect(closed).toEqual([1, 2]);
});
