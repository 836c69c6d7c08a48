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
import type { Caption, CaptionQuestion, OnWord } from "../contract/caption.ts";
import type { VisionError } from "../contract/errors.ts";
import type { ExplainQuestion } from "../contract/explain-question.ts";
import type { HeadRowsRequest } from "../contract/explain-request.ts";
import { expectLabelling, type Labelling, type TaughtHead } from "../contract/head.ts";
import type { HostArray, ModelRun, ModelStage } from "../contract/forward.ts";
import type { ModelFolder } from "../contract/model-folder.ts";
import type { Precision } from "../contract/precision.ts";
import type { CallOptions, Progress } from "../contract/progress.ts";
import { nextTurn, type Pause } from "../contract/turns.ts";
import { openAnyModel, type OpenFiles } from "../checkpoint/open-model.ts";
import { fitHead } from "../training/fit-head.ts";
import type { BackendDriver } from "./backends/driver.ts";
import { settleQuestion } from "./captioner/settle-question.ts";
import { writeCaptions } from "./captioner/write-captions.ts";
import { Device } from "./device/device.ts";
import { expectClasses, expectWriter, pictureRecipe } from "./answers/expect-ability.ts";
import { loadModel } from "./placed/load-model.ts";
import type { LoadedModel } from "./placed/loaded-model.ts";
import { measureMemory } from "./device/memory.ts";
import { forwardPixels, rowsOf } from "./answers/model-answers.ts";
import { ModelShelf } from "./placed/model-shelf.ts";
import { ImageReader, type Decode, type Fetch, type ImageGiver, type ModelImage } from "./read-images.ts";
import {
  explainPicture,
  followFaithfulness,
  readHeadFigures,
  readHeadHeats,
  readHeatMatrix,
  type Look,
} from "./answers/explain-answers.ts";
import { expectTopK, topPredictions } from "./answers/top-predictions.ts";

/** What differs between a browser worker and Node. */
export type Host = {
  readonly drivers: readonly BackendDriver[]; // in the order "auto" tries them
  readonly decode: Decode;
  readonly fetch?: Fetch;
};

/** Pictures that go through the model together; more would only cost memory. */
const BATCH = 8;

/** A backend with the models loaded on it: the same in a browser worker and in Node. Calls may overlap. */
export class Session {
  readonly #device: Device;
  readonly #reader: ImageReader;
  readonly #shelf: ModelShelf;

  private constructor(
    device: Device,
    reader: ImageReader,
    readonly backend: BackendReport,
  ) {
    this.#device = device;
    this.#reader = reader;
    this.#shelf = new ModelShelf(async (model) => {
      try {
        await device.run(() => Promise.resolve()); // a cancelled call may still be on its last step
      } finally {
        model.release();
      }
    });
  }

  /**
   * Throws `backend-unavailable`. `onLost` is told when the device goes away; the session is then of no more use.
   * `precision`: of WebGL; the other backends keep float32.
   */
  static async start(
    host: Host,
    choice: BackendChoice,
    onLost: (error: VisionError) => void,
    precision: Precision = "float32",
  ): Promise<Session> {
    const device = await Device.open(choice, host.drivers, onLost);
    const backend = device.report.name === "webgl" ? { ...device.report, precision } : device.report;
    return new Session(device, new ImageReader(host.decode, host.fetch), backend);
  }

  /** Loads a model under `id`, beside other jobs; `open`: how its files are read. */
  async load(
    id: ModelId,
    folder: ModelFolder,
    options: CallOptions = {},
    open: OpenFiles = (opening) => openAnyModel(folder, opening),
  ): Promise<ModelInfo> {
    const loading = { id, folder, device: this.#device, precision: this.backend.precision };
    const model = await loadModel(loading, open, options);
    await this.#shelf.put(model);
    return model.info;
  }

  /** Pictures → their classes, best first. One bad picture fails the call. */
  classify(
    images: readonly ImageGiver[],
    { model: id, topK }: ClassifyRequest,
    options?: CallOptions,
  ): Promise<Classification[]> {
    return this.#shelf.use(id, async (model) => {
      expectTopK(topK);
      expectClasses(model);
      return this.#inBatches(model, images, "classify", options, async (batch, pause) => {
        const start = performance.now();
        const logits = await rowsOf("logits", model, batch, pause);
        const each = (performance.now() - start) / batch.length;
        return batch.map(({ seen, milliseconds }, at) => ({
          predictions: topPredictions(logits[at]!, model.info.labels, topK, model.info.scoring),
          seen,
          milliseconds: { decode: milliseconds, model: each },
        }));
      });
    });
  }

  /** Pictures → what the model's head reads of each, `[D]`. One bad picture fails the call. */
  embed(images: readonly ImageGiver[], { model: id }: OfModel, options?: CallOptions): Promise<Float32Array[]> {
    return this.#shelf.use(id, (model) =>
      this.#inBatches(model, images, "embed", options, (batch, pause) => rowsOf("pooled", model, batch, pause)),
    );
  }

  /** Pictures of some classes → a head that tells them apart, for `withHead`. Throws `invalid-argument`. */
  async teach(
    images: readonly ImageGiver[],
    { model, ...labelling }: Labelling & OfModel,
    options?: CallOptions,
  ): Promise<TaughtHead> {
    expectLabelling(labelling, images.length);
    const features = await this.embed(images, { model }, options);
    return fitHead(features, labelling, () => nextTurn().then(() => options?.signal?.throwIfAborted()));
  }

  /**
   * Pictures → what is on each, in sentences. `onWord` is told the best sentence's words as they become final. One bad
   * picture fails the call.
   */
  caption(
    images: readonly ImageGiver[],
    { model: id, ...question }: CaptionQuestion & OfModel,
    options?: CallOptions,
    onWord?: OnWord,
  ): Promise<Caption[]> {
    return this.#shelf.use(id, async (model) => {
      const writer = expectWriter(model);
      const search = settleQuestion(question, writer);
      return this.#inBatches(model, images, "caption", options, (batch, pause, first) =>
        writeCaptions(model, writer, batch, search, { pause, onWord: (photo, word) => onWord?.(first + photo, word) }),
      );
    });
  }

  /**
   * Runs `work` on a batch at a time while the next one is decoded, and no more than that; `first`: how many pictures
   * came before the batch's. Decoding stops with the call, however it ends.
   */
  async #inBatches<Answer>(
    model: LoadedModel,
    images: readonly ImageGiver[],
    stage: Progress["stage"],
    { signal, onProgress }: CallOptions = {},
    work: (batch: readonly ModelImage[], pause: Pause, first: number) => Promise<Answer[]>,
  ): Promise<Answer[]> {
    const answers: Answer[] = [];
    const ending = new AbortController();
    const stop = (): void => ending.abort();
    signal?.addEventListener("abort", stop);
    if (signal?.aborted) stop();
    const prepare = (at: number): Promise<ModelImage[]> => {
      const batch = images.slice(at, at + BATCH);
      const reading = Promise.all(
        batch.map((_, index) => this.#reader.readOneOf(images, at + index, pictureRecipe(model), ending.signal)),
      );
      reading.catch(() => undefined); // told when its turn comes
      return reading;
    };
    try {
      let next = prepare(0);
      for (let at = 0; at < images.length; at += BATCH) {
        const prepared = await next;
        next = prepare(at + BATCH);
        answers.push(...(await this.#device.run((pause) => work(prepared, pause, at), signal)));
        onProgress?.({ stage, loaded: answers.length, total: images.length, file: null, fromCache: false });
      }
      return answers;
    } finally {
      signal?.removeEventListener("abort", stop);
      stop();
    }
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
      const prepared = await this.#reader.read(image, pictureRecipe(model), signal);
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
