import { afterEach } from "vitest";
import { createVision } from "../../src/client/create-vision.ts";
import type { Vision, VisionOptions } from "../../src/client/vision.ts";

export const MODEL = "/test/golden/vit-hf/"; // 32 px, 3 blocks: quick enough for a GPU in software

const started: Vision[] = [];

/** Gone when the test is over. */
export async function start(options: VisionOptions = {}): Promise<Vision> {
  const vision = await createVision({ backend: "webgl", ...options });
  started.push(vision);
  return vision;
}

afterEach(async () => {
  for (const vision of started.splice(0)) await vision.dispose();
});

/** A picture with something in it, `width × height`. */
export function draw(width: number, height: number): ImageData {
  const image = new ImageData(width, height);
  image.data.forEach((_, i) => (image.data[i] = i % 4 === 3 ? 255 : (i * 7 + (i >> 5)) % 256));
  return image;
}

export async function within<T>(milliseconds: number, work: Promise<T>): Promise<T> {
  const late = new Promise<never>((_, reject) => setTimeout(() => reject(new Error("too late")), milliseconds));
  return Promise.race([work, late]);
}
