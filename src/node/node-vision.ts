import { fileURLToPath } from "node:url";
import { openAnyModel } from "../../worker/checkpoint/open-model.ts";
import { forgetRefused } from "../../worker/checkpoint/sources/forget-refused.ts";
import { openWithHead } from "../../worker/checkpoint/with-head.ts";
import type {
  Classification,
  FaithfulnessQuestion,
  ImageMessage,
  ModelInfo,
  StoredModel,
} from "../../worker/contract/api.ts";
import type { Caption, CaptionQuestion, CaptionWord } from "../../worker/contract/caption.ts";
import { namesClasses, newestAble, writesSentences } from "../../worker/contract/choose-model.ts";
import { disposedError } from "../../worker/contract/errors.ts";
import { ASK_OPTIONS, CALL_OPTIONS, expectModel, expectOptions } from "../../worker/contract/expect-object.ts";
import type { ExplainQuestion } from "../../worker/contract/explain-question.ts";
import type { HeadRowsRequest } from "../../worker/contract/explain-request.ts";
import type { HostArray, ModelRun } from "../../worker/contract/forward.ts";
import { expectHead, type Head, type TaughtHead } from "../../worker/contract/head.ts";
import type { RgbImage } from "../../worker/contract/pixels.ts";
import type { CallOptions } from "../../worker/contract/progress.ts";
import { codedError } from "../../worker/runtime/coded-error.ts";
import type { Session } from "../../worker/runtime/session.ts";
import { diskStore } from "./disk-store.ts";
import { openModelFolder } from "./model-folder.ts";

/** A path, a `file:` or `http(s):` URL, the bytes of a picture file, or RGB pixels. */
export type NodeImage = string | URL | Uint8Array<ArrayBuffer> | Blob | RgbImage;

/** A folder, a file of weights, an embedded name, `hf:owner/name[@revision]` or a URL. */
type NodeFolder = string | URL;
export type NodeModel = NodeFolder | { readonly from: NodeFolder; readonly head: Head };

/** The model that is asked; default: of those that can answer the one loaded last. */
export type AskOptions = CallOptions & { readonly model?: ModelInfo | undefined };
export type ClassifyOptions = AskOptions & { readonly topK?: number | undefined };
export type CaptionOptions = AskOptions &
  CaptionQuestion & { readonly onWord?: ((word: CaptionWord, photo: number) => void) | undefined };

type Able = (model: ModelInfo) => boolean;

/** Ids are of this process, so that a model of a vision that was disposed is not taken for one of the next. */
let lastModel = 0;

/**
 * The calls of the browser's `Vision` in Node, on one session in this process. Every call rejects with a `VisionError`
 * or, once its signal is aborted, with an `AbortError`.
 */
export class NodeVision {
  /** `onDisposed` is told once. */
  constructor(
    private readonly session: Session,
    private onDisposed: (() => void) | null,
  ) {}

  get backend() {
    return this.session.backend;
  }

  load(source: NodeModel, options: CallOptions = {}): Promise<ModelInfo> {
    return this.#coded(async () => {
      expectOptions(options, CALL_OPTIONS);
      const { from, head } = typeof source === "object" && "head" in source ? source : { from: source, head: null };
      if (head !== null) expectHead(head);
      const folder = await openModelFolder(pathOf(from));
      const open = (opening: CallOptions) => openAnyModel(folder, opening);
      const loading = this.session.load(++lastModel, folder, options, head ? openWithHead(open, head) : open);
      return forgetRefused(diskStore(), folder.origin, loading);
    });
  }

  unload(model: ModelInfo): Promise<void> {
    return this.#coded(() => this.session.unload(model.id));
  }

  classify(image: NodeImage, options?: ClassifyOptions): Promise<Classification>;
  classify(images: readonly NodeImage[], options?: ClassifyOptions): Promise<Classification[]>;
  classify(input: NodeImage | readonly NodeImage[], options: ClassifyOptions = {}) {
    return this.#ask(input, options, { names: ["topK", ...ASK_OPTIONS], able: namesClasses }, (images, model) =>
      this.session.classify(images, { model, topK: options.topK ?? 5 }, options),
    );
  }

  embed(image: NodeImage, options?: AskOptions): Promise<Float32Array>;
  embed(images: readonly NodeImage[], options?: AskOptions): Promise<Float32Array[]>;
  embed(input: NodeImage | readonly NodeImage[], options: AskOptions = {}) {
    return this.#ask(input, options, { names: ASK_OPTIONS }, (images, model) =>
      this.session.embed(images, { model }, options),
    );
  }

  /** A head for classes of your own, to be given to `load` with the model it was made for. */
  teach(pictures: Readonly<Record<string, readonly NodeImage[]>>, asked: AskOptions = {}): Promise<TaughtHead> {
    return this.#coded(async () => {
      expectOptions(asked, ASK_OPTIONS);
      const labels = Object.keys(pictures);
      const classOf = labels.flatMap((label, index) => pictures[label]!.map(() => index));
      const images = labels.flatMap((label) => pictures[label]!.map(messageOf));
      return this.session.teach(images, { model: this.#chosen(asked, namesClasses), labels, classOf }, asked);
    });
  }

  caption(image: NodeImage, options?: CaptionOptions): Promise<Caption>;
  caption(images: readonly NodeImage[], options?: CaptionOptions): Promise<Caption[]>;
  caption(input: NodeImage | readonly NodeImage[], options: CaptionOptions = {}) {
    const { model, signal, onProgress, onWord, ...question } = options;
    const tell = (photo: number, word: CaptionWord): void => onWord?.(word, photo);
    return this.#ask(input, { model, signal }, { able: writesSentences }, (images, id) =>
      this.session.caption(images, { model: id, ...question }, { signal, onProgress }, tell),
    );
  }

  explain(image: NodeImage, options: AskOptions & ExplainQuestion = {}) {
    return this.#look(image, options, (message, question, asked) => this.session.explain(message, question, asked));
  }

  explainAll(image: NodeImage, options: AskOptions & ExplainQuestion = {}) {
    return this.#look(image, options, (message, question, asked) => this.session.explainAll(message, question, asked));
  }

  explainHeads(image: NodeImage, options: AskOptions & HeadRowsRequest = {}) {
    return this.#look(image, options, (message, question, asked) =>
      this.session.explainHeads(message, question, asked),
    );
  }

  measureHeads(image: NodeImage, options: AskOptions = {}) {
    return this.#look(image, options, (message, question, asked) =>
      this.session.measureHeads(message, question, asked),
    );
  }

  measureFaithfulness(
    image: NodeImage,
    map: FaithfulnessQuestion["map"],
    options: AskOptions & Omit<FaithfulnessQuestion, "map">,
  ) {
    return this.#look(image, options, (message, question, asked) =>
      this.session.measureFaithfulness(message, { ...question, map }, asked),
    );
  }

  /** Pixels `[B, C, height, width]`, already normalised → the wanted stages, in PyTorch's layout. */
  forward(pixels: HostArray, { model, signal, ...run }: Omit<ModelRun, "pause"> & Omit<AskOptions, "onProgress">) {
    return this.#coded(async () => this.session.forward(this.#chosen({ model }), pixels, run, signal));
  }

  async status() {
    return this.session.status();
  }

  /** What is kept on disk of downloaded models. */
  storedModels(): Promise<readonly StoredModel[]> {
    return this.#coded(() => diskStore().list());
  }

  /** Deletes what is kept of one, by its `origin`. */
  forgetModel(origin: string): Promise<void> {
    return this.#coded(() => diskStore().forget(origin));
  }

  /** Frees every model and the backend. */
  async dispose(): Promise<void> {
    if (!this.onDisposed) return;
    this.session.dispose();
    this.onDisposed();
    this.onDisposed = null;
  }

  /** Whatever goes wrong, by code. */
  async #coded<Answer>(work: () => Promise<Answer>): Promise<Answer> {
    if (!this.onDisposed) throw disposedError();
    try {
      return await work();
    } catch (error) {
      throw codedError(error);
    }
  }

  #chosen({ model }: Pick<AskOptions, "model">, able?: Able): number {
    const chosen = model ?? newestAble(this.session.status().models, able);
    expectModel(chosen); // callers without types may pass anything
    return chosen.id;
  }

  /** One question about one picture or several; of one, one answer. */
  #ask<Answer>(
    input: NodeImage | readonly NodeImage[],
    options: Pick<AskOptions, "model" | "signal">,
    { names, able }: { readonly names?: readonly string[]; readonly able?: Able },
    ask: (images: ImageMessage[], model: number) => Promise<Answer[]>,
  ): Promise<Answer | Answer[]> {
    return this.#coded(async () => {
      expectOptions(options, names);
      const images = isList(input) ? input.map(messageOf) : [messageOf(input)];
      const answers = await ask(images, this.#chosen(options, able));
      return isList(input) ? answers : answers[0]!;
    });
  }

  #look<Question extends AskOptions, Answer>(
    image: NodeImage,
    { model, signal, onProgress, ...question }: Question,
    ask: (
      image: ImageMessage,
      question: Omit<Question, keyof AskOptions> & { model: number },
      options: CallOptions,
    ) => Promise<Answer>,
  ): Promise<Answer> {
    return this.#coded(async () => {
      expectOptions({ signal });
      return ask(messageOf(image), { ...question, model: this.#chosen({ model }) }, { signal, onProgress });
    });
  }
}

const isList = (input: NodeImage | readonly NodeImage[]): input is readonly NodeImage[] => Array.isArray(input);

const pathOf = (place: string | URL): string => {
  if (!(place instanceof URL)) return place;
  return place.protocol === "file:" ? fileURLToPath(place) : place.href;
};

function messageOf(image: NodeImage): ImageMessage {
  if (typeof image === "string" || image instanceof URL) return pathOf(image);
  return image instanceof Uint8Array ? new Blob([image]) : image;
}
