import { abortable } from "../contract/abortable.ts";
import type { ImageMessage } from "../contract/api.ts";
import { atImage } from "../contract/errors.ts";
import type { ImageRecipe, RgbImage, SeenArea } from "../contract/pixels.ts";
import { preprocess } from "../image/preprocess.ts";
import { JobQueue } from "./device/job-queue.ts";

/** A picture as the model takes it. */
export type ModelImage = {
  readonly pixels: Float32Array; // [height, width, 3]
  readonly seen: SeenArea;
  readonly milliseconds: number; // to decode and prepare
};

/** A picture, or what gives it when its turn comes. */
export type ImageGiver = ImageMessage | (() => Promise<ImageMessage>);

/** Decodes one picture; each environment has its own way. */
export type Decode = (image: ImageMessage, signal?: AbortSignal) => Promise<RgbImage>;

/** The file behind a URL, where strings are URLs. */
export type Fetch = (url: string, signal?: AbortSignal) => Promise<Blob>;

/**
 * Decodes and prepares pictures one at a time, whoever asks: fifty dropped photos of 12 megapixels would otherwise
 * stand in memory at once. It runs beside the device, so that the next picture is ready when the GPU is. What a picture
 * waits for before that, a network or its giver, holds up no other.
 */
export class ImageReader {
  readonly #queue = new JobQueue();

  constructor(
    readonly decode: Decode,
    readonly fetch?: Fetch,
  ) {}

  /** One of a call's pictures; where there are several, its failure says which it was. */
  async readOneOf(
    all: readonly ImageGiver[],
    at: number,
    recipe: ImageRecipe,
    signal: AbortSignal,
  ): Promise<ModelImage> {
    const image = all[at]!;
    try {
      return await this.read(image, recipe, signal);
    } catch (error) {
      throw atImage(error, at, all.length, image instanceof File ? image.name : undefined);
    }
  }

  async read(given: ImageGiver, recipe: ImageRecipe, signal?: AbortSignal): Promise<ModelImage> {
    const taken = typeof given === "function" ? await take(given, signal) : given;
    const image = typeof taken === "string" && this.fetch ? await abortable(this.fetch(taken, signal), signal) : taken;
    let isDecoders = false; // which closes it, whatever happens
    const reading = this.#queue.run(async () => {
      isDecoders = true;
      const start = performance.now();
      const rgb = await this.decode(image, signal);
      signal?.throwIfAborted();
      const { pixels, seen } = preprocess(rgb, recipe);
      return { pixels, seen, milliseconds: performance.now() - start };
    }, signal);
    reading.catch(() => isDecoders || close(image));
    return reading;
  }
}

/** A picture from its giver, who may never give it; one that comes too late is closed. */
async function take(give: () => Promise<ImageMessage>, signal?: AbortSignal): Promise<ImageMessage> {
  const given = give();
  try {
    return await abortable(given, signal);
  } catch (error) {
    given.then(close, () => undefined);
    throw error;
  }
}

function close(image: ImageMessage): void {
  if (typeof image === "object" && "close" in image) image.close();
}
