import type {
  BackendChoice,
  BackendReport,
  Classification,
  ClassifyRequest,
  ImageMessage,
  ModelId,
  ModelInfo,
  Status,
} from "../contract/api.ts";
import { VisionError } from "../contract/errors.ts";
import type { ModelFolder } from "../contract/model-folder.ts";
import type { CallOptions } from "../contract/progress.ts";
import { openModel } from "../checkpoint/open-model.ts";
import type { VitRun } from "../models/vit/run-vit.ts";
import type { VitStage } from "../models/vit/stages.ts";
import { releaseVit } from "../models/vit/vit.ts";
import type { BackendDriver } from "./backends/driver.ts";
import { Device } from "./device.ts";
import { placeModel, type LoadedModel } from "./loaded-model.ts";
import { measureMemory } from "./memory.ts";
import { ImageReader, type Decode, type ModelImage } from "./read-images.ts";
import { topPredictions } from "./top-predictions.ts";
import { forwardPixels, logitsOf, warmUp, type HostArray } from "./vit-answers.ts";

/** What differs between a browser worker and Node. */
export type Host = {
  readonly drivers: readonly BackendDriver[]; // in the order "auto" tries them
  readonly decode: Decode;
};

/** Pictures that go through the model together; more would only cost memory. */
const BATCH = 8;

/** A backend with the models loaded on it: the same in a browser worker and in Node. Calls may overlap. */
export class Session {
  readonly #device: Device;
  readonly #reader: ImageReader;
  readonly #models = new Map<ModelId, LoadedModel>();

  private constructor(device: Device, reader: ImageReader) {
    this.#device = device;
    this.#reader = reader;
  }

  /** Throws `backend-unavailable`. `onLost` is told when the device goes away; the session is then of no more use. */
  static async start(host: Host, choice: BackendChoice, onLost: (error: VisionError) => void): Promise<Session> {
    return new Session(await Device.open(choice, host.drivers, onLost), new ImageReader(host.decode));
  }

  get backend(): BackendReport {
    return this.#device.report;
  }

  /** Reads, checks and places a model under `id`. The download runs beside other jobs; only the placing takes a turn. */
  async load(id: ModelId, folder: ModelFolder, options: CallOptions = {}): Promise<ModelInfo> {
    const opened = await openModel(folder, options);
    return this.#device.run(async (pause) => {
      const model = await placeModel(id, folder, opened, options.onProgress, pause);
      try {
        if (this.backend.name === "webgl") await warmUp(model.vit, pause); // the others have nothing to compile
      } catch (error) {
        releaseVit(model.vit);
        throw error;
      }
      this.#release(id);
      this.#models.set(id, model);
      return model.info;
    }, options.signal);
  }

  /** Pictures → their classes, best first. One bad picture fails the call. */
  async classify(
    images: readonly ImageMessage[],
    { model: id, topK }: ClassifyRequest,
    { signal, onProgress }: CallOptions = {},
  ): Promise<Classification[]> {
    expectTopK(topK);
    const { recipe } = this.#model(id);
    const answers: Classification[] = [];
    for (let at = 0; at < images.length; at += BATCH) {
      const chunk = images.slice(at, at + BATCH);
      const prepared = await Promise.all(chunk.map((image) => this.#reader.read(image, recipe, signal)));
      answers.push(...(await this.#classifyBatch(prepared, id, topK, signal)));
      const progress = { loaded: answers.length, total: images.length, file: null, fromCache: false };
      onProgress?.({ stage: "classify", ...progress });
    }
    return answers;
  }

  #classifyBatch(images: readonly ModelImage[], id: ModelId, topK: number, signal?: AbortSignal) {
    return this.#device.run(async (pause): Promise<Classification[]> => {
      const { vit, info } = this.#model(id); // looked up again: it may have been unloaded meanwhile
      const start = performance.now();
      const logits = await logitsOf(vit, images, pause);
      const model = (performance.now() - start) / images.length;
      return images.map(({ seen, milliseconds }, at) => ({
        predictions: topPredictions(logits[at]!, info.labels, topK),
        seen,
        milliseconds: { decode: milliseconds, model },
      }));
    }, signal);
  }

  /** Pixels `[B, C, height, width]`, already normalised → the wanted stages of the forward pass. */
  forward(id: ModelId, pixels: HostArray, run: Omit<VitRun, "pause">, signal?: AbortSignal) {
    return this.#device.run(
      (pause): Promise<Map<VitStage, HostArray>> => forwardPixels(this.#model(id).vit, pixels, { ...run, pause }),
      signal,
    );
  }

  /** Frees a model once the jobs before this call have ended. */
  unload(id: ModelId): Promise<void> {
    return this.#device.run(async () => this.#release(id));
  }

  status(): Status {
    return {
      backend: this.backend,
      memory: measureMemory(),
      models: [...this.#models.values()].map(({ info }) => info),
      queued: this.#device.queued,
    };
  }

  /** Frees every model and the backend. */
  dispose(): void {
    for (const id of [...this.#models.keys()]) this.#release(id);
    this.#device.close();
  }

  #model(id: ModelId): LoadedModel {
    const model = this.#models.get(id);
    if (model) return model;
    throw new VisionError("model-not-loaded", `Model ${id} is not loaded, or has been unloaded; load it first.`);
  }

  #release(id: ModelId): void {
    const model = this.#models.get(id);
    this.#models.delete(id);
    if (model) releaseVit(model.vit);
  }
}

function expectTopK(topK: number): void {
  if (Number.isInteger(topK) && topK >= 1) return;
  throw new VisionError("invalid-argument", `topK: expected a whole number from 1, got ${topK}`);
}
