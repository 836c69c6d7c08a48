import { transfer } from "comlink";
import type { BackendReport, Classification, ModelId, ModelInfo, StartRequest } from "../../worker/contract/api.ts";
import { VisionError } from "../../worker/contract/errors.ts";
import type { ModelSource } from "../../worker/contract/model-folder.ts";
import type { CallOptions } from "../../worker/contract/progress.ts";
import { Connection } from "./connection.ts";
import { bitmapsIn, imageMessage } from "./image-message.ts";
import { workerStarter, type StartWorker } from "./start-worker.ts";
import type { ClassifyOptions, ImageInput, ModelInput, Vision, VisionOptions } from "./vision.ts";

/**
 * Starts a worker and chooses a backend in it.
 * Rejects with `worker-failed-to-start`, `backend-unavailable`, or an AbortError.
 */
export async function createVision(options: VisionOptions = {}): Promise<Vision> {
  const vision = new WorkerVision(options);
  await vision.connect(options.signal);
  return vision;
}

/** Talks to one worker after another: when one dies, the next is given the same models under the same ids. */
class WorkerVision implements Vision {
  readonly #startWorker: StartWorker;
  readonly #request: StartRequest;
  readonly #onRestart: VisionOptions["onRestart"];
  readonly #sources = new Map<ModelId, ModelSource>();
  readonly #ending = new AbortController();
  #connection: Promise<Connection> | null = null;
  #running: Connection | null = null;
  #backend: BackendReport | null = null;
  #lastModel: ModelId = 0;

  constructor({ backend = "auto", worker, models = "models/", onRestart }: VisionOptions) {
    this.#startWorker = workerStarter(worker);
    this.#request = { backend, models: folderUrl(models) };
    this.#onRestart = onRestart;
  }

  get backend(): BackendReport {
    return this.#backend!; // set before createVision resolves
  }

  async load(source: ModelInput, options: CallOptions = {}): Promise<ModelInfo> {
    const id = ++this.#lastModel;
    const message = modelSource(source);
    const connection = await this.connect();
    const info = await connection.call((api, job) => api.load(job, id, message), options);
    this.#sources.set(id, message);
    return info;
  }

  async unload(model: ModelInfo): Promise<void> {
    this.#sources.delete(model.id);
    const connection = await this.connect();
    await connection.call((api) => api.unload(model.id));
  }

  classify(image: ImageInput, options?: ClassifyOptions): Promise<Classification>;
  classify(images: readonly ImageInput[], options?: ClassifyOptions): Promise<Classification[]>;
  async classify(input: ImageInput | readonly ImageInput[], options: ClassifyOptions = {}) {
    const { model, topK = 5, ...callOptions } = options;
    const many = Array.isArray(input);
    const images = await Promise.all((many ? (input as ImageInput[]) : [input as ImageInput]).map(imageMessage));
    const request = { model: model?.id ?? this.#newestModel(), topK };
    const connection = await this.connect();
    const answers = await connection.call(
      (api, job) => api.classify(job, transfer(images, bitmapsIn(images)), request),
      callOptions,
    );
    return many ? answers : answers[0]!;
  }

  async status() {
    return (await this.connect()).call((api) => api.status());
  }

  async embeddedModels() {
    return (await this.connect()).call((api) => api.embeddedModels());
  }

  async storedModels() {
    return (await this.connect()).call((api) => api.storedModels());
  }

  async forgetModel(origin: string): Promise<void> {
    await (await this.connect()).call((api) => api.forgetModel(origin));
  }

  dispose(): Promise<void> {
    this.#sources.clear();
    this.#ending.abort(); // a worker that is still starting
    this.#running?.close(disposedError());
    return Promise.resolve();
  }

  /** The worker in use, or a new one where there is none; concurrent calls share it. */
  connect(signal?: AbortSignal): Promise<Connection> {
    if (this.#ending.signal.aborted) return Promise.reject(disposedError());
    this.#connection ??= this.#open(signal).catch((error: unknown) => {
      this.#connection = null; // so that the next call tries again
      throw this.#ending.signal.aborted ? disposedError() : error;
    });
    return this.#connection;
  }

  async #open(signal?: AbortSignal): Promise<Connection> {
    const { signal: ending } = this.#ending;
    const connection = await Connection.open(
      this.#startWorker,
      this.#request,
      (reason) => this.#replace(reason),
      signal ? AbortSignal.any([signal, ending]) : ending,
    );
    this.#running = connection;
    this.#backend = connection.backend;
    for (const [id, source] of this.#sources) await this.#loadAgain(connection, id, source);
    return connection;
  }

  async #loadAgain(connection: Connection, id: ModelId, source: ModelSource): Promise<void> {
    try {
      await connection.call((api, job) => api.load(job, id, source));
    } catch {
      this.#sources.delete(id); // calls with this model will say that it is not loaded
    }
  }

  #replace(reason: VisionError): void {
    if (this.#ending.signal.aborted) return;
    this.#connection = null;
    this.connect().then(
      ({ backend }) => this.#onRestart?.(reason.message, backend),
      () => undefined, // the next call tries again and tells its own caller
    );
  }

  #newestModel(): ModelId {
    const newest = [...this.#sources.keys()].at(-1);
    if (newest !== undefined) return newest;
    throw new VisionError("model-not-loaded", 'No model is loaded; call load("everyday-vit") first.');
  }
}

const disposedError = (): VisionError => new VisionError("disposed", "This vision has been disposed; create another.");

/** `/models/mine/`, `./mine/`, `../mine/`: a folder on this page's own server. */
const PATH = /^\.{0,2}\//;

const absolute = (url: string | URL): string => new URL(url, document.baseURI).href;

function folderUrl(folder: string | URL): string {
  const url = absolute(folder);
  return url.endsWith("/") ? url : `${url}/`;
}

function modelSource(source: ModelInput): ModelSource {
  if (typeof source === "string") return { kind: "text", text: PATH.test(source) ? absolute(source) : source };
  if (source instanceof URL) return { kind: "text", text: source.href };
  return { kind: "files", files: [...source] };
}
