import { abortError, VisionError } from "../../contract/errors.ts";
import type { ReadOptions } from "../../contract/model-folder.ts";
import { ByteBuffer } from "./byte-buffer.ts";
import { mayBeHtml } from "../recognise-wrong-file.ts";
import { refuseOversize } from "./check-content.ts";
import { bodyLength, contentRange, Interrupted, isWeak, judgeRefusal, validatorOf } from "./http-answer.ts";
import { readBody } from "./read-body.ts";

/** The first bytes of a file that did not come whole, and the version they are of. */
export type Part = { readonly bytes: Uint8Array<ArrayBuffer>; readonly validator: string; readonly total: number };

export type TransferOptions = Pick<ReadOptions, "onArrived"> & {
  readonly signal?: AbortSignal | undefined;
  /** Bytes so far, and of how many; `null` where the server does not say. Not told of a web page in the file's place. */
  readonly onProgress?: ((loaded: number, total: number | null) => void) | undefined;
  readonly fetch?: typeof fetch | undefined;
  readonly limit?: number | null | undefined; // bytes
  readonly part?: Part | null | undefined; // where an earlier download got to
  readonly stallAfter?: number | undefined; // ms without a byte that count as a cut connection
};

const STALL_AFTER = 30_000; // ms

/** What has arrived of one file, over one or more requests. */
export class Transfer {
  readonly buffer = new ByteBuffer();
  validator: string | null = null;
  #total: number | null = null;
  #resumable = false;
  #unansweredRanges = 0;

  constructor(
    readonly url: string,
    readonly options: TransferOptions,
  ) {
    const { part } = options;
    if (!part) return;
    this.buffer.reserve(part.total);
    this.buffer.append(part.bytes);
    this.validator = part.validator;
    this.#total = part.total;
    this.#resumable = true;
  }

  part(): Part | null {
    if (!this.#resumable || this.validator === null || this.#total === null || this.buffer.length >= this.#total)
      return null;
    return { bytes: this.buffer.filled(), validator: this.validator, total: this.#total };
  }

  /** One request. `false`: the server has no such file. Throws `Interrupted` where another attempt may help. */
  async attempt(): Promise<boolean> {
    const stop = new AbortController();
    const cancel = (): void => stop.abort();
    const { signal } = this.options;
    if (signal?.aborted) throw abortError();
    signal?.addEventListener("abort", cancel);
    try {
      return await this.#request(stop);
    } finally {
      signal?.removeEventListener("abort", cancel);
      cancel(); // whatever of the answer is not read is not wanted
    }
  }

  async #request(stop: AbortController): Promise<boolean> {
    // A host may let a page fetch files but not ranges of them, which looks like no answer: at last, begin again.
    const refused = this.#unansweredRanges >= 2 && isCrossOrigin(this.url);
    let answer = await this.#fetch(stop, refused ? null : this.part());
    if ((answer.status === 206 && !this.#continues(answer.headers)) || answer.status === 416) {
      answer.body?.cancel().catch(() => undefined);
      this.#restart();
      answer = await this.#fetch(stop, null);
    }
    if (answer.status === 200) this.#begin(answer.headers);
    else if (answer.status !== 206 || this.buffer.length === 0) {
      judgeRefusal(this.url, answer);
      return false;
    }
    await this.#receive(answer, stop);
    return true;
  }

  async #fetch(stop: AbortController, part: Part | null): Promise<Response> {
    const headers: Record<string, string> = {};
    if (part !== null) headers.Range = `bytes=${part.bytes.length}-`;
    // If-Range costs a cross-origin preflight that the hub's storage refuses; there the answer's validator is compared.
    if (part !== null && !isCrossOrigin(this.url)) headers["If-Range"] = part.validator;
    const send = this.options.fetch ?? fetch;
    const stall = setTimeout(() => stop.abort(), this.options.stallAfter ?? STALL_AFTER);
    try {
      // The browser's HTTP cache breaks long streams (Firefox) and mixes up ranges (Chromium); files are stored elsewhere.
      return await send(this.url, { headers, signal: stop.signal, cache: "no-store" });
    } catch (cause) {
      if (part !== null) this.#unansweredRanges++;
      throw this.#interrupted(
        "source-network",
        "no answer; check the connection, and that the server allows this page (CORS).",
        cause,
      );
    } finally {
      clearTimeout(stall);
    }
  }

  /** Whether a 206 goes on exactly where this transfer stopped, in the same version of the file. */
  #continues(headers: Headers): boolean {
    const range = contentRange(headers);
    const validator = validatorOf(headers);
    return (
      this.buffer.length > 0 &&
      range?.start === this.buffer.length &&
      (range.total ?? this.#total) === this.#total &&
      (validator === this.validator || (validator === null && !isCrossOrigin(this.url)))
    );
  }

  #restart(): void {
    this.buffer.clear();
    this.validator = this.#total = null;
    this.#resumable = false;
  }

  #begin(headers: Headers): void {
    this.#restart();
    this.#total = bodyLength(headers);
    this.validator = validatorOf(headers);
    const unfit = headers.get("accept-ranges") === "none";
    this.#resumable = this.validator !== null && !isWeak(this.validator) && !unfit;
    refuseOversize(this.#total ?? 0, this.options.limit ?? null, this.url);
    try {
      this.buffer.reserve(this.#total ?? 0);
    } catch (cause) {
      throw new VisionError(
        "out-of-memory",
        `${this.url}: wanted room for ${this.#total} bytes, got none; close other tabs.`,
        { cause },
      );
    }
  }

  async #receive(answer: Response, stop: AbortController): Promise<void> {
    const { limit, onProgress, stallAfter } = this.options;
    const report = (): void => onProgress?.(this.buffer.length, this.#total);
    report();
    try {
      await readBody(answer, stop, stallAfter ?? STALL_AFTER, (chunk) => {
        this.buffer.append(chunk);
        // More than Content-Length says: the body was compressed, and CORS hid the header that tells so.
        if (this.#total !== null && this.buffer.length > this.#total) this.#total = null;
        refuseOversize(this.buffer.length, limit ?? null, this.url);
        if (mayBeHtml(this.buffer.filled())) return; // in the file's place, it is no part of it
        report();
        this.#show();
      });
    } catch (cause) {
      if (cause instanceof VisionError) throw cause;
      if (this.#total === null)
        throw this.#interrupted(
          "source-network",
          `a connection cut after ${this.buffer.length} bytes; try again.`,
          cause,
        );
    }
    if (this.#total === null || this.buffer.length === this.#total) return;
    throw this.#interrupted("source-truncated", `${this.buffer.length} of ${this.#total} bytes; try again.`);
  }

  #show(): void {
    if (this.#total === null) return; // the file may be of any length, and the memory moves
    try {
      this.options.onArrived?.(this.buffer.whole(), this.buffer.length);
    } catch (error) {
      this.#resumable = false; // what is refused is not kept
      throw error;
    }
  }

  #interrupted(code: "source-network" | "source-truncated", got: string, cause?: unknown): Interrupted {
    return new Interrupted(new VisionError(code, `${this.url}: wanted the whole file, got ${got}`, { cause }));
  }
}

function isCrossOrigin(url: string): boolean {
  const page = (globalThis as { location?: { origin: string } }).location; // none in Node
  return page !== undefined && new URL(url).origin !== page.origin;
}
