import { tensor4d, type Tensor4D } from "@tensorflow/tfjs-core";
import type { LabPicture } from "../../contract/lab.ts";
import type { ImageRecipe, SeenArea } from "../../contract/pixels.ts";
import { openModel, type OpenedModel } from "../../checkpoint/open-model.ts";
import { resolveSource, type ResolveOptions } from "../../checkpoint/sources/resolve-source.ts";
import type { ParameterReader } from "../../kernels/parameter-reader.ts";
import type { ImageReader, ModelImage } from "../read-images.ts";

/** Puts an opened checkpoint on the backend in use; throws where it is of another kind. */
export type Build<Model> = (opened: OpenedModel, read: ParameterReader) => Promise<Model>;

type Opened<Model> = {
  readonly model: Model;
  readonly recipe: ImageRecipe;
  readonly labels: readonly string[];
};

/** What was found in a picture, and what it takes to tell it. */
export type Looked<Found> = {
  readonly found: Found;
  readonly seen: SeenArea;
  readonly labels: readonly string[];
};

/** An embedded model, opened when first asked, and the last picture as it takes it. Both stay for the next question. */
export class LabModel<Model> {
  #opened: Promise<Opened<Model>> | null = null;
  #last: { readonly id: number; readonly image: Promise<ModelImage> } | null = null;

  constructor(
    readonly name: string,
    readonly build: Build<Model>,
    readonly sources: ResolveOptions,
    readonly reader: ImageReader,
  ) {}

  /** Runs `work` on a picture, `[1, height, width, 3]`. Throws `image-…`, `source-…` and what `work` throws. */
  async look<Found>(
    picture: LabPicture,
    work: (model: Model, image: Tensor4D) => Promise<Found>,
  ): Promise<Looked<Found>> {
    const { model, recipe, labels } = await this.#open();
    const { pixels, seen } = await this.#read(picture, recipe);
    const image = tensor4d(pixels, [1, seen.crop.height, seen.crop.width, 3]);
    try {
      return { found: await work(model, image), seen, labels };
    } finally {
      image.dispose();
    }
  }

  #open(): Promise<Opened<Model>> {
    this.#opened ??= this.#openAnew().catch((error: unknown) => {
      this.#opened = null; // the next question tries again
      throw error;
    });
    return this.#opened;
  }

  async #openAnew(): Promise<Opened<Model>> {
    const folder = await resolveSource({ kind: "text", text: this.name }, this.sources);
    const opened = await openModel(folder);
    const model = await this.build(opened, opened.read);
    return { model, recipe: opened.recipe, labels: opened.labels };
  }

  #read({ id, content }: LabPicture, recipe: ImageRecipe): Promise<ModelImage> {
    if (this.#last?.id === id) return this.#last.image;
    const image = this.reader.read(content, recipe);
    const last = (this.#last = { id, image });
    image.catch(() => {
      if (this.#last === last) this.#last = null; // the next question tries again
    });
    return image;
  }
}
