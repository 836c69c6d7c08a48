import { abortError, VisionError } from "../../contract/errors.ts";
import type { ModelFolder, ReadOptions } from "../../contract/model-folder.ts";
import type { CallOptions, Progress } from "../../contract/progress.ts";
import { carefulStore, type FileKeeper } from "./careful-store.ts";
import { isHtml } from "../recognise-wrong-file.ts";
import { matchesExpected, sizeLimit, type ExpectedContent } from "./check-content.ts";
import { download, type Downloaded } from "./download.ts";
import { fileUrl } from "./file-url.ts";
import { isWeak } from "./http-answer.ts";
import type { ModelStore, StoredFile } from "./model-store.ts";
import { isHubUrl } from "./parse-source.ts";
import { isCurrent } from "./revalidate.ts";
import type { Part } from "./transfer.ts";

export type UrlFolderOptions = {
  readonly store: ModelStore;
  readonly fetch?: typeof fetch | undefined;
  readonly retryDelays?: readonly number[] | undefined; // ms
};

export type UrlFolderPlace = {
  readonly url: string; // with a trailing slash
  readonly name: string;
  readonly origin?: string; // `url` where absent
  readonly weightsName?: string;
  /** Files that live elsewhere (a URL) or are not to be looked for (`null`). */
  readonly instead?: ReadonlyMap<string, string | null>;
  readonly expected?: (path: string, options: CallOptions) => Promise<ExpectedContent | null>;
};

const WORTH_KEEPING = 1024 * 1024; // bytes; less is fetched again sooner than it is stored
/** Where it is truly absent the weights tell the model; behind a network's sign-in page they must not. */
const NEEDS_TRUTH = "config.json";
const PROGRESS_STEP = 256 * 1024; // bytes between two reports

/**
 * A model folder behind http(s). Every file is kept in the store, and so is the note that one does not exist, so that a
 * model opens again without a network. A kept file from the hub is used as it is, also at a moving revision such as
 * `main`: `store.forget(origin)` fetches anew. Kept files from elsewhere are used while a HEAD request shows the same
 * version or cannot tell (those without a version only while the server is away), and embedded weights while their
 * checksum is the expected one. A web page in the place of a file counts as no file, but that of config.json is given.
 */
export function urlFolder(place: UrlFolderPlace, options: UrlFolderOptions): ModelFolder {
  const origin = place.origin ?? place.url;
  const keeper = carefulStore(options.store);
  return {
    name: place.name,
    origin,
    weightsName: place.weightsName,
    async read(path, call = {}) {
      if (call.signal?.aborted) throw abortError();
      const elsewhere = place.instead?.get(path);
      if (elsewhere === null) return null;
      const expected = place.expected?.(path, call) ?? null;
      const url = elsewhere ?? fileUrl(place.url, path);
      return new FileRead(path, url, origin, expected, keeper, options, call).bytes();
    },
  };
}

/** One file on its way from the store or the network. */
class FileRead {
  constructor(
    readonly path: string,
    readonly url: string,
    readonly folder: string,
    readonly expected: Promise<ExpectedContent | null> | null, // asked for beside the file
    readonly keeper: FileKeeper,
    readonly options: UrlFolderOptions,
    readonly call: ReadOptions,
  ) {}

  async bytes(): Promise<Uint8Array<ArrayBuffer> | null> {
    const kept = await this.keeper.get(this.url);
    if (kept?.state === "whole" && (await this.#isGood(kept))) {
      this.#throwIfAborted();
      this.#report(kept.bytes.length, kept.bytes.length, true);
      return kept.bytes;
    }
    this.#throwIfAborted();
    const fresh = await this.#download(kept);
    if (fresh === undefined) return null;
    if (!fresh || !isHtml(fresh.bytes)) await this.keeper.put(this.url, this.#entry(fresh));
    this.#throwIfAborted();
    return fresh?.bytes ?? null;
  }

  /** `null`: there is no such file; `undefined`: nobody can be asked, but there was none last time. */
  async #download(kept: StoredFile | null): Promise<Downloaded | null | undefined> {
    const wasAbsent = kept?.state === "absent";
    try {
      return await download(this.url, {
        signal: this.call.signal,
        fetch: this.options.fetch,
        retryDelays: wasAbsent ? [] : this.options.retryDelays,
        expected: this.expected,
        onArrived: this.#arrivals(),
        limit: sizeLimit(this.path),
        givePage: this.path === NEEDS_TRUTH,
        part: kept?.state === "part" && kept.validator !== null ? { ...kept, validator: kept.validator } : null,
        onPart: (part) => this.#keepPart(part),
        onProgress: this.#progressInSteps(),
      });
    } catch (error) {
      if (wasAbsent && error instanceof VisionError && error.code === "source-network") return undefined;
      throw error;
    }
  }

  async #isGood(kept: StoredFile): Promise<boolean> {
    const expected = await this.expected;
    if (expected) return matchesExpected(kept.bytes, expected);
    return isHubUrl(this.url) || isCurrent(this.url, kept.validator, this.options.fetch ?? fetch, this.call.signal);
  }

  #entry(fresh: Downloaded | null): StoredFile {
    const { folder } = this;
    if (fresh === null) return { state: "absent", bytes: new Uint8Array(0), total: 0, folder, validator: null };
    return { state: "whole", bytes: fresh.bytes, total: fresh.bytes.length, folder, validator: fresh.validator };
  }

  /** Not waited for: a cancelled call rejects at once. */
  #keepPart(part: Part): void {
    if (part.bytes.length < WORTH_KEEPING || isWeak(part.validator)) return;
    void this.keeper.put(this.url, { state: "part", folder: this.folder, ...part });
  }

  /** Of a file with a checksum, that tells what is wrong with it. */
  #arrivals(): ReadOptions["onArrived"] {
    const { onArrived } = this.call;
    if (!onArrived || !this.expected) return onArrived;
    let refused = false;
    return (file, arrived) => {
      try {
        if (!refused) onArrived(file, arrived);
      } catch {
        refused = true;
      }
    };
  }

  #progressInSteps(): (loaded: number, total: number | null) => void {
    let reported = Number.NEGATIVE_INFINITY;
    return (loaded, total) => {
      if (loaded > reported && loaded < reported + PROGRESS_STEP && loaded !== total) return;
      reported = loaded;
      this.#report(loaded, total, false);
    };
  }

  #report(loaded: number, total: number | null, fromCache: boolean): void {
    const progress: Progress = { stage: "download", loaded, total, file: this.path, fromCache };
    this.call.onProgress?.(progress);
  }

  #throwIfAborted(): void {
    if (this.call.signal?.aborted) throw abortError();
  }
}
