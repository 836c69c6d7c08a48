import { dispose, tensor4d, tidy, transpose, type Tensor4D } from "@tensorflow/tfjs-core";
import { VisionError } from "../contract/errors.ts";
import type { Size } from "../contract/geometry.ts";
import { expectShape } from "../layers/expect-shape.ts";
import type { VitConfig } from "../models/vit/config.ts";
import { runVit, type VitRun } from "../models/vit/run-vit.ts";
import type { VitStage } from "../models/vit/stages.ts";
import type { Vit } from "../models/vit/vit.ts";
import type { Pause } from "./device.ts";
import type { ModelImage } from "./read-images.ts";

/** Values on the host, row-major. */
export type HostArray = { readonly shape: readonly number[]; readonly values: Float32Array };

const COLOURS = 3;

/** Runs the model on `image` `[B, height, width, C]`, reads the wanted stages back, and leaves no tensor behind. */
async function readStages(vit: Vit, image: Tensor4D, run: VitRun): Promise<Map<VitStage, HostArray>> {
  try {
    const stages = await runVit(vit, image, run);
    try {
      const arrays = new Map<VitStage, HostArray>();
      for (const [stage, tensor] of stages) {
        arrays.set(stage, { shape: tensor.shape, values: (await tensor.data()) as Float32Array });
      }
      return arrays;
    } finally {
      dispose([...stages.values()]);
    }
  } finally {
    dispose(image);
  }
}

/** Prepared pictures → logits, one row `[classes]` each. */
export async function logitsOf(vit: Vit, images: readonly ModelImage[], pause: Pause): Promise<Float32Array[]> {
  const { imageSize, channels, classes } = vit.config;
  images.forEach(({ seen }) => expectPicture(seen.crop, vit.config));
  const size = imageSize.height * imageSize.width * channels;
  const pixels = new Float32Array(images.length * size);
  images.forEach((image, at) => pixels.set(image.pixels, at * size));
  const input = tensor4d(pixels, [images.length, imageSize.height, imageSize.width, channels]);
  const stages = await readStages(vit, input, { stages: ["logits"], pause });
  const { values } = stages.get("logits")!;
  return images.map((_, at) => values.subarray(at * classes, (at + 1) * classes));
}

/** Throws where a picture as its recipe made it is not what the model takes: its numbers would land in wrong places. */
function expectPicture({ width, height }: Size, { imageSize, channels }: VitConfig): void {
  if (channels !== COLOURS) {
    const message = `num_channels: pictures have ${COLOURS}, this model takes ${channels}; use forward with its own input`;
    throw new VisionError("config-unsupported", message);
  }
  if (width === imageSize.width && height === imageSize.height) return;
  const wanted = `${imageSize.width} × ${imageSize.height}`;
  throw new VisionError(
    "input-shape",
    `picture: expected ${wanted} pixels, got ${width} × ${height}; resize or crop it`,
  );
}

/** Pixels as PyTorch holds them, `[B, C, height, width]` → the wanted stages. */
export function forwardPixels(vit: Vit, pixels: HostArray, run: VitRun): Promise<Map<VitStage, HostArray>> {
  expectPixels(pixels.shape, vit.config, run.interpolate ?? false);
  const image = tidy(() => {
    const nchw = tensor4d(pixels.values, pixels.shape as Tensor4D["shape"]);
    return transpose<Tensor4D>(nchw, [0, 2, 3, 1]); // [B, height, width, C]
  });
  return readStages(vit, image, run);
}

/** Says what is wrong in PyTorch's order of axes, which is the caller's. */
function expectPixels(shape: readonly number[], { imageSize, channels }: VitConfig, interpolate: boolean): void {
  const side = (length: number): number | null => (interpolate ? null : length);
  expectShape("pixel_values", { shape }, [null, channels, side(imageSize.height), side(imageSize.width)]);
  if (shape[0] === 0) throw new VisionError("input-shape", "pixel_values: expected at least one image, got none");
}

/**
 * One run on a blank picture. It moves the weights to the device, compiles the shaders, and so makes the first real
 * answer as quick as the second and the memory after loading the baseline of every later call.
 */
export async function warmUp(vit: Vit, pause: Pause): Promise<void> {
  const { imageSize, channels } = vit.config;
  const blank = tensor4d(new Float32Array(imageSize.height * imageSize.width * channels), [
    1,
    imageSize.height,
    imageSize.width,
    channels,
  ]);
  await readStages(vit, blank, { stages: [vit.head ? "logits" : "pooled"], pause });
}
