import { transfer, type Remote } from "comlink";
import type {
  Classification,
  ImageMessage,
  ImageOfMany,
  JobId,
  ModelId,
  ModelInfo,
  OfModel,
  VisionApi,
} from "../../worker/contract/api.ts";
import { abortable } from "../../worker/contract/abortable.ts";
import type { Caption } from "../../worker/contract/caption.ts";
import { namesClasses, writesSentences } from "../../worker/contract/choose-model.ts";
import { expectLabelling } from "../../worker/contract/head.ts";
import type { Heat } from "../../worker/contract/heat.ts";
import { expectPrecision } from "../../worker/contract/precision.ts";
import type { CallOptions } from "../../worker/contract/progress.ts";
import type { Connection } from "./connection.ts";
import {
  ASK_OPTIONS,
  CALL_OPTIONS,
  expectModel,
  expectObject,
  expectOptions,
} from "../../worker/contract/expect-object.ts";
import { bitmapsIn, closeBitmaps, expectImages, imageMessage, imageMessages, isList } from "./image-message.ts";
import { LivingWorker } from "./living-worker.ts";
import { ModelPlaces } from "./model-places.ts";
import { folderUrl, folderSource, modelSource } from "./model-source.ts";
import { workerStarter } from "./start-worker.ts";
import { watchFrames } from "./watch-frames.ts";
import type {
  CaptionOptions,
  ClassifyOptions,
  ExplainHeadsOptions,
  ExplainOptions,
  FaithfulnessOptions,
  FrameSource,
  ImageInput,
  ImageInputs,
  LookOptions,
  ModelInput,
  Vision,
  VisionOptions,
  WatchOptions,
} from "./vision.ts";

const VISION_OPTIONS = ["backend", "precision", "worker", "models", "preload", "signal", "onRestart"];

/**
 * Starts a worker and chooses a backend in it.
 * Rejects with `worker-failed-to-start`, `backend-unavailable`, `invalid-argument`, or an AbortError.
 */
export async function createVision(options: VisionOptions = {}): Promise<Vision> {
  expectOptions(options, VISION_OPTIONS);
  const vision = new WorkerVision(options);
  try {
    await vision.worker.connect(options.signal);
    return vision;
  } catch (error) {
    await vision.dispose();
    throw error;
  }
}

/** `able`: whether a model can answer; of those the newest does, where none is named. */
type Calling = LookOptions &
  Pick<CaptionOptions, "onWord"> & { readonly able?: ((model: ModelInfo) => boolean) | undefined };

/** comlink transfers objects alone. */
const handOver = (image: ImageMessage): ImageMessage =>
  image instanceof ImageBitmap ? transfer(image, [image]) : image;

/** Ids are of this page, so that a model of another vision is not taken for one of this. */
let lastModel: ModelId = 0;

/** What it takes to ask a model about some pictures. */
type Ready = { readonly images: ImageOfMany[]; readonly connection: Connection; readonly of: OfModel };

/** Speaks to the worker in use, and sees to it that each new one is given the models that a call needs. */
class WorkerVision implements Vision {
  readonly worker: LivingWorker;
  readonly #models = new ModelPlaces();
  /** Calls that have not gone to the worker yet. */
  readonly #preparing = new Map<Promise<unknown>, ModelId | undefined>(); // undefined: of the newest model

  constructor(options: VisionOptions) {
    const { backend = "auto", precision = "float32", worker, models = "models/", preload, onRestart } = options;
    const request = {
      backend,
      precision: expectPrecision(precision),
      models: folderUrl(models),
      preload: preload === undefined ? undefined : folderSource(preload),
    };
    this.worker = new LivingWorker(workerStarter(worker), request, onRestart, (connection) =>
      this.#models.placeAll(connection),
    );
  }

  get backend() {
    return this.worker.backend;
  }

  async load(source: ModelInput, options: CallOptions = {}): Promise<ModelInfo> {
    expectOptions(options, CALL_OPTIONS);
    const id = ++lastModel;
    const message = modelSource(source);
    const connection = await this.worker.connect(options.signal);
    return this.#models.load(connection, id, message, options);
  }

  async unload(model: ModelInfo): Promise<void> {
    expectModel(model);
    const mayAsk = [...this.#preparing].filter(([, id]) => id === undefined || id === model.id);
    await Promise.allSettled(mayAsk.map(([preparing]) => preparing)); // calls made before this one find it
    this.#models.remove(model.id);
    const connection = await this.worker.connect();
    await connection.call((api) => api.unload(model.id));
  }

  classify(image: ImageInput, options?: ClassifyOptions): Promise<Classification>;
  classify(images: ImageInputs, options?: ClassifyOptions): Promise<Classification[]>;
  async classify(input: ImageInput | ImageInputs, options: ClassifyOptions = {}) {
    expectOptions(options, ["topK", ...ASK_OPTIONS]);
    const { topK = 5, ...calling } = options;
    return this.#ask(input, { ...calling, able: namesClasses }, (api, job, images, of) =>
      api.classify(job, images, { ...of, topK }),
    );
  }

  embed(image: ImageInput, options?: LookOptions): Promise<Float32Array>;
  embed(images: ImageInputs, options?: LookOptions): Promise<Float32Array[]>;
  async embed(input: ImageInput | ImageInputs, options: LookOptions = {}) {
    expectOptions(options, ASK_OPTIONS);
    return this.#ask(input, options, (api, job, images, of) => api.embed(job, images, of));
  }

  async teach(pictures: Readonly<Record<string, ImageInputs>>, options: LookOptions = {}) {
    expectOptions(options, ASK_OPTIONS);
    expectObject("pictures", pictures, "an object with a list of pictures for each class");
    const labels = Object.keys(pictures);
    const lists = labels.map((label) => expectImages(label, pictures[label]));
    const labelling = { labels, classOf: lists.flatMap((list, index) => list.map(() => index)) };
    expectLabelling(labelling, labelling.classOf.length);
    return this.#send(lists.flat(), { ...options, able: namesClasses }, (api, job, images, of) =>
      api.teach(job, transfer(images, bitmapsIn(images)), { ...labelling, ...of }),
    );
  }

  watch(frames: FrameSource, options: WatchOptions = {}) {
    const orEnd = <T>(work: Promise<T>): Promise<T> => this.worker.whileAlive(work, options.signal);
    return watchFrames(frames, (frame) => this.classify(frame, options), orEnd);
  }

  caption(image: ImageInput, options?: CaptionOptions): Promise<Caption>;
  caption(images: ImageInputs, options?: CaptionOptions): Promise<Caption[]>;
  async caption(input: ImageInput | ImageInputs, options: CaptionOptions = {}) {
    expectOptions(options);
    const { model, signal, onProgress, onWord, ...question } = options;
    const calling = { model, signal, onProgress, onWord, able: writesSentences };
    return this.#ask(input, calling, (api, job, images, of) => api.caption(job, images, { ...of, ...question }));
  }

  /** One question about one picture or several; of one, one answer. */
  async #ask<Answer>(
    input: ImageInput | ImageInputs,
    calling: Calling,
    ask: (api: Remote<VisionApi>, job: JobId, images: ImageOfMany[], of: OfModel) => Promise<Answer[]>,
  ): Promise<Answer | Answer[]> {
    const many = isList(input);
    const inputs = many ? [...input] : [input];
    const answers = await this.#send(inputs, calling, (api, job, images, of) =>
      ask(api, job, transfer(images, bitmapsIn(images)), of),
    );
    return many ? answers : answers[0]!;
  }

  /** Makes pictures ready to cross, asks a model about them, and leaves none of them behind. */
  async #send<Answer>(
    inputs: readonly ImageInput[],
    { model, able, ...calling }: Calling,
    ask: (api: Remote<VisionApi>, job: JobId, images: ImageOfMany[], of: OfModel) => Promise<Answer>,
  ): Promise<Answer> {
    const picture = async (photo: number): Promise<ImageMessage> => handOver(await imageMessage(inputs[photo]!));
    const preparing = this.#prepare(inputs, { model, able, signal: calling.signal });
    const over = () => this.#preparing.delete(preparing);
    this.#preparing.set(preparing, model?.id);
    preparing.then(over, over);
    const { images, connection, of } = await preparing; // the first to know: what waits for all of them comes behind it
    try {
      return await connection.call((api, job) => ask(api, job, images, of), { ...calling, picture });
    } finally {
      closeBitmaps(images);
    }
  }

  async #prepare(inputs: readonly ImageInput[], { model, able, signal }: Calling): Promise<Ready> {
    if (model !== undefined) expectModel(model);
    const making = imageMessages(inputs); // an image element may never load
    try {
      const images = await this.worker.whileAlive(making, signal);
      const connection = await this.worker.connect(signal);
      const of = { model: model?.id ?? this.#models.newest(able) };
      await abortable(this.#models.place(connection, of.model), signal);
      return { images, connection, of };
    } catch (error) {
      making.then(closeBitmaps, () => undefined);
      throw error;
    }
  }

  explain(input: ImageInput, options: ExplainOptions = {}) {
    return this.#look(input, options, (api, job, image, question) => api.explain(job, image, question));
  }

  explainAll(input: ImageInput, options: ExplainOptions = {}) {
    return this.#look(input, options, (api, job, image, question) => api.explainAll(job, image, question));
  }

  explainHeads(input: ImageInput, options: ExplainHeadsOptions = {}) {
    return this.#look(input, options, (api, job, image, question) => api.explainHeads(job, image, question));
  }

  measureHeads(input: ImageInput, options: LookOptions = {}) {
    return this.#look(input, options, (api, job, image, question) => api.measureHeads(job, image, question));
  }

  async measureFaithfulness(input: ImageInput, heat: Heat, options: FaithfulnessOptions) {
    expectObject("map", heat, "what explain() gave");
    const map = { grid: heat.grid, values: heat.values };
    return this.#look(input, options, (api, job, image, question) =>
      api.measureFaithfulness(job, image, { ...question, map }),
    );
  }

  /** One question about one picture. */
  async #look<Question extends LookOptions, Answer>(
    input: ImageInput,
    options: Question,
    ask: (
      api: Remote<VisionApi>,
      job: JobId,
      image: ImageMessage,
      question: Omit<Question, keyof LookOptions> & { model: ModelId },
    ) => Promise<Answer>,
  ): Promise<Answer> {
    expectOptions(options);
    const { model, signal, onProgress, ...question } = options;
    return this.#send([input], { model, signal, onProgress }, (api, job, [image], of) => {
      return ask(api, job, handOver(image!), { ...question, ...of });
    });
  }

  async status() {
    return (await this.worker.connect()).call((api) => api.status());
  }

  async embeddedModels() {
    return (await this.worker.connect()).call((api) => api.embeddedModels());
  }

  async storedModels() {
    return (await this.worker.connect()).call((api) => api.storedModels());
  }

  async forgetModel(origin: string): Promise<void> {
    await (await this.worker.connect()).call((api) => api.forgetModel(origin));
  }

  dispose(): Promise<void> {
    this.#models.clear();
    this.worker.dispose();
    return Promise.resolve();
  }
}
