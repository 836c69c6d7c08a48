import type {
  BackendChoice,
  BackendReport,
  Classification,
  ClassifyRequest,
  FaithfulnessQuestion,
  ImageMessage,
  ModelId,
  ModelInfo,
  OfModel,
  Status,
} from "../contract/api.ts";
import { VisionError } from "../contract/errors.ts";
import type { ExplainQuestion } from "../contract/explain-question.ts";
import type { HeadRowsRequest } from "../contract/explain-request.ts";
import type { ModelFolder } from "../contract/model-folder.ts";
import type { CallOptions } from "../contract/progress.ts";
import { openModel } from "../checkpoint/open-model.ts";
import type { BackendDriver } from "./backends/driver.ts";
import { Device } from "./device.ts";
import { placeModel, type LoadedModel } from "./loaded-model.ts";
import { measureMemory } from "./memory.ts";
import { forwardPixels, logitsOf, warmUp, type HostArray } from "./model-answers.ts";
import { ModelShelf } from "./model-shelf.ts";
import type { ModelRun, ModelStage } from "./placed-model.ts";
import { ImageReader, type Decode, type ModelImage } from "./read-images.ts";
import {
  explainPicture,
  followFaithfulness,
  readHeadFigures,
  readHeadHeats,
  readHeatMatrix,
  type Look,
} from "./explain-answers.ts";
import { topPredictions } from "./top-predictions.ts";

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
  readonly #shelf: ModelShelf;

  private constructor(device: Device, reader: ImageReader) {
    this.#device = device;
    this.#reader = reader;
    // in the device's queue: a cancelled call may still be on its last step
    this.#shelf = new ModelShelf((model) => device.run(async () => model.release()));
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
    const model = await this.#device.run(async (pause) => {
      const placed = await placeModel(id, folder, opened, options.onProgress, pause);
      try {
        if (this.backend.name === "webgl") await warmUp(placed, pause); // the others have nothing to compile
        options.signal?.throwIfAborted(); // nobody would take it
        return placed;
      } catch (error) {
        placed.release();
        throw error;
      }
    }, options.signal);
    await this.#shelf.put(model);
    return model.info;
  }

  /** Pictures → their classes, best first. One bad picture fails the call. */
  classify(
    images: readonly ImageMessage[],
    { model: id, topK }: ClassifyRequest,
    { signal, onProgress }: CallOptions = {},
  ): Promise<Classification[]> {
    return this.#shelf.use(id, async (model) => {
      expectTopK(topK);
      const answers: Classification[] = [];
      for (let at = 0; at < images.length; at += BATCH) {
        const chunk = images.slice(at, at + BATCH);
        const prepared = await Promise.all(chunk.map((image) => this.#reader.read(image, model.recipe, signal)));
        answers.push(...(await this.#classifyBatch(model, prepared, topK, signal)));
        const progress = { loaded: answers.length, total: images.length, file: null, fromCache: false };
        onProgress?.({ stage: "classify", ...progress });
      }
      return answers;
    });
  }

  #classifyBatch(model: LoadedModel, images: readonly ModelImage[], topK: number, signal?: AbortSignal) {
    return this.#device.run(async (pause): Promise<Classification[]> => {
      const start = performance.now();
      const logits = await logitsOf(model, images, pause);
      const each = (performance.now() - start) / images.length;
      return images.map(({ seen, milliseconds }, at) => ({
        predictions: topPredictions(logits[at]!, model.info.labels, topK),
        seen,
        milliseconds: { decode: milliseconds, model: each },
      }));
    }, signal);
  }

  /** Where a model looked in one picture. */
  explain(image: ImageMessage, { model, ...question }: ExplainQuestion & OfModel, options: CallOptions = {}) {
    return this.#look(model, image, options, (look) => explainPicture(look, question));
  }

  /** The same for every query at once. */
  explainAll(image: ImageMessage, { model, ...question }: ExplainQuestion & OfModel, options: CallOptions = {}) {
    return this.#look(model, image, options, (look) => readHeatMatrix(look, question));
  }

  /** One query's map from every head of every layer. */
  explainHeads(image: ImageMessage, { model, ...question }: HeadRowsRequest & OfModel, options: CallOptions = {}) {
    return this.#look(model, image, options, (look) => readHeadHeats(look, question));
  }

  /** How far and how widely each head looks. */
  measureHeads(image: ImageMessage, { model }: OfModel, options: CallOptions = {}) {
    return this.#look(model, image, options, readHeadFigures);
  }

  /** Deletion and insertion curves of a map. */
  measureFaithfulness(
    image: ImageMessage,
    { model, ...question }: FaithfulnessQuestion & OfModel,
    options: CallOptions = {},
  ) {
    const tell = (loaded: number, total: number): void =>
      options.onProgress?.({ stage: "faithfulness", loaded, total, file: null, fromCache: false });
    return this.#look(model, image, options, (look) => followFaithfulness(look, question, tell));
  }

  #look<Answer>(id: ModelId, image: ImageMessage, { signal }: CallOptions, work: (look: Look) => Promise<Answer>) {
    return this.#shelf.use(id, async (model) => {
      const prepared = await this.#reader.read(image, model.recipe, signal);
      return this.#device.run((pause) => work({ model, image: prepared, pause }), signal);
    });
  }

  /** Pixels `[B, C, height, width]`, already normalised → the wanted stages of the forward pass. */
  forward(id: ModelId, pixels: HostArray, run: Omit<ModelRun, "pause">, signal?: AbortSignal) {
    return this.#shelf.use(id, (model) =>
      this.#device.run(
        (pause): Promise<Map<ModelStage, HostArray>> => forwardPixels(model, pixels, { ...run, pause }),
        signal,
      ),
    );
  }

  /** Frees a model once the calls made before this one have ended. */
  unload(id: ModelId): Promise<void> {
    return this.#shelf.remove(id);
  }

  status(): Status {
    return {
      backend: this.backend,
      memory: measureMemory(),
      models: this.#shelf.infos,
      queued: this.#device.queued,
    };
  }

  /** Frees every model and the backend, whatever is under way. */
  dispose(): void {
    for (const model of this.#shelf.clear()) model.release();
    this.#device.close();
  }
}

function expectTopK(topK: number): void {
  if (Number.isInteger(topK) && topK >= 1) return;
  throw new VisionError("invalid-argument", `topK: expected a whole number from 1, got ${topK}`);
}
