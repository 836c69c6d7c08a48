import { dispose, tensor4d, tidy, transpose, type Tensor4D } from "@tensorflow/tfjs-core";
import { runVit, type VitRun } from "../models/vit/run-vit.ts";
import type { VitStage } from "../models/vit/stages.ts";
import type { Vit } from "../models/vit/vit.ts";
import type { Pause } from "./device.ts";
import type { ModelImage } from "./read-images.ts";

/** Values on the host, row-major. */
export type HostArray = { readonly shape: readonly number[]; readonly values: Float32Array };

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
  const size = imageSize.height * imageSize.width * channels;
  const pixels = new Float32Array(images.length * size);
  images.forEach((image, at) => pixels.set(image.pixels, at * size));
  const input = tensor4d(pixels, [images.length, imageSize.height, imageSize.width, channels]);
  const stages = await readStages(vit, input, { stages: ["logits"], pause });
  const { values } = stages.get("logits")!;
  return images.map((_, at) => values.subarray(at * classes, (at + 1) * classes));
}

/** Pixels as PyTorch holds them, `[B, C, height, width]` → the wanted stages. */
export function forwardPixels(vit: Vit, pixels: HostArray, run: VitRun): Promise<Map<VitStage, HostArray>> {
  const image = tidy(() => {
    const nchw = tensor4d(pixels.values, pixels.shape as Tensor4D["shape"]);
    return transpose<Tensor4D>(nchw, [0, 2, 3, 1]); // [B, height, width, C]
  });
  return readStages(vit, image, run);
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
