import { dispose, tensor4d, tidy, transpose, zeros, type Rank, type Tensor4D } from "@tensorflow/tfjs-core";
import { VisionError } from "../../contract/errors.ts";
import type { HostArray, ModelRun, ModelStage } from "../../contract/forward.ts";
import type { Size } from "../../contract/geometry.ts";
import type { Pause } from "../../contract/turns.ts";
import { expectShape } from "../../layers/expect-shape.ts";
import type { LoadedModel } from "../placed/loaded-model.ts";
import type { PlacedModel } from "../placed/placed-model.ts";
import type { ModelImage } from "../read-images.ts";
import { expectColours } from "./expect-ability.ts";

/** Runs the model on `image` `[B, height, width, C]`, reads the wanted stages back, and leaves no tensor behind. */
async function readStages(model: PlacedModel, image: Tensor4D, run: ModelRun): Promise<Map<ModelStage, HostArray>> {
  try {
    const stages = await model.run(image, run);
    try {
      const arrays = new Map<ModelStage, HostArray>();
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

/** Prepared pictures → one row each, of logits `[classes]` or of what the head reads `[D]`. */
export async function rowsOf(
  stage: "logits" | "pooled",
  model: PlacedModel,
  images: readonly ModelImage[],
  pause: Pause,
): Promise<Float32Array[]> {
  const stages = await readStages(model, modelInput(model, images), { stages: [stage], pause });
  const { shape, values } = stages.get(stage)!;
  const width = shape[1]!;
  return images.map((_, at) => values.slice(at * width, (at + 1) * width));
}

/** Prepared pictures on the device, `[B, height, width, 3]`; the caller owns them. Throws as `expectPicture`. */
export function modelInput(model: PlacedModel, images: readonly ModelImage[]): Tensor4D {
  images.forEach(({ seen }) => expectPicture(seen.crop, model));
  const [height, width, channels] = imageShape(model);
  const size = height * width * channels;
  const pixels = new Float32Array(images.length * size);
  images.forEach((image, at) => pixels.set(image.pixels, at * size));
  return tensor4d(pixels, [images.length, height, width, channels]);
}

/** Throws where a picture as its recipe made it is not what the model takes: its numbers would land in wrong places. */
function expectPicture({ width, height }: Size, model: PlacedModel): void {
  expectColours(model);
  const { inputSize } = model.facts;
  if (width === inputSize.width && height === inputSize.height) return;
  const wanted = `${inputSize.width} × ${inputSize.height}`;
  throw new VisionError(
    "input-shape",
    `picture: expected ${wanted} pixels, got ${width} × ${height}; resize or crop it`,
  );
}

/** Pixels as PyTorch holds them, `[B, C, height, width]` → the wanted stages. */
export function forwardPixels(
  model: PlacedModel,
  pixels: HostArray,
  run: ModelRun,
): Promise<Map<ModelStage, HostArray>> {
  expectPixels(pixels.shape, model, run.interpolate ?? false);
  const image = tidy(() => {
    const nchw = tensor4d(pixels.values, pixels.shape as Tensor4D["shape"]);
    return transpose<Tensor4D>(nchw, [0, 2, 3, 1]); // [B, height, width, C]
  });
  return readStages(model, image, run);
}

/** Says what is wrong in PyTorch's order of axes, which is the caller's. */
function expectPixels(shape: readonly number[], model: PlacedModel, interpolate: boolean): void {
  const [height, width, channels] = imageShape(model);
  expectShape("pixel_values", { shape }, [null, channels, ...(interpolate ? [null, null] : [height, width])]);
  if (shape[0] === 0) throw new VisionError("input-shape", "pixel_values: expected at least one image, got none");
}

/**
 * Moves the weights to the device and compiles the shaders, if need be by one run on a blank picture. So the first real
 * answer is as quick as the second, and the memory after loading the baseline of every later call.
 */
export async function warmUp(model: LoadedModel, pause: Pause): Promise<void> {
  if (model.warmUp) {
    model.warmUp();
    await pause();
    return pause(); // the second waits for what the first has marked
  }
  const blank = zeros<Rank.R4>([1, ...imageShape(model)]);
  await readStages(model, blank, { stages: [model.info.labels.length > 0 ? "logits" : "pooled"], pause });
}

/** `[height, width, channels]` of the images a model takes. */
const imageShape = ({ facts: { inputSize }, channels }: PlacedModel): [number, number, number] => [
  inputSize.height,
  inputSize.width,
  channels,
];
