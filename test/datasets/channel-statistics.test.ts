import { expect, test } from "vitest";
import { channelStatistics } from "../../datasets/channel-statistics.ts";
import type { RgbImage } from "../../worker/contract/pixels.ts";

const picture = (width: number, height: number, value: (at: number) => number): RgbImage => ({
  width,
  height,
  data: Uint8Array.from({ length: width * height * 3 }, (_, at) => value(at)),
});

test("equals numpy's mean and std over all pixels of pictures of several sizes", async () => {
  const sizes = [
    [5, 7],
    [64, 48],
    [1, 1],
    [300, 200],
  ] as const;
  const pictures = sizes.map(([w, h], p) => picture(w, h, (at) => (at * at * 7 + at * 13 + p * 57) % 251));
  const told: number[] = [];
  const found = await channelStatistics(pictures, (count) => told.push(count));
  // numpy 1.24: x = concatenate(pictures).astype(float64) / 255; x.mean(0), x.std(0)
  const mean = [0.5160914311848603, 0.5160831043452194, 0.5160898776700019];
  const std = [0.292515865016729, 0.2924996442851301, 0.2924934523353532];
  for (const channel of [0, 1, 2]) {
    expect(found.mean[channel]).toBeCloseTo(mean[channel]!, 13);
    expect(found.std[channel]).toBeCloseTo(std[channel]!, 13);
  }
  expect(found).toMatchObject({ pictures: 4, pixels: 63_108 });
  expect(told).toEqual([1, 2, 3, 4]);
});

test("loses nothing where colours hardly differ: one pixel of 1,000,000 is one brighter", async () => {
  const grey = picture(1000, 100, () => 200);
  const last = picture(1000, 100, (at) => (at < 3 ? 201 : 200));
  const { mean, std } = await channelStatistics([...Array.from({ length: 9 }, () => grey), last]);
  expect(mean[0]! * 255).toBeCloseTo(200.000001, 9);
  expect((std[0]! * 255) ** 2).toBeCloseTo(1e-6 * (1 - 1e-6), 13);
});

test("of no picture are refused", async () => {
  await expect(channelStatistics([])).rejects.toMatchObject({ code: "image-empty" });
});
