import { nextTurn } from "../../worker/contract/turns.ts";
import { framesOf, showsNothing, type Frames } from "./frame-source.ts";
import type { FrameSource, ImageInput } from "./vision.ts";

/**
 * Asks about one frame at a time, always the newest there is: a frame that comes while another is asked about takes the
 * place of the one that waits. Answers come in the frames' order. Frames that can be closed are, each as soon as it has
 * been answered or passed over; the source is told to stop when the last answer has been taken, whatever ends it.
 *
 * `orEnd` gives what comes of a promise, or throws what ends the watching. Throws that, what the source or `ask` throws, or
 * `invalid-argument`.
 */
export async function* watchFrames<Answer>(
  source: FrameSource,
  ask: (frame: ImageInput) => Promise<Answer>,
  orEnd: <T>(work: Promise<T>) => Promise<T>,
): AsyncGenerator<Answer, void, undefined> {
  const newest = new NewestFrame(framesOf(source));
  try {
    for (;;) {
      await orEnd(newest.arrival());
      const frame = newest.take();
      if (frame === null) return;
      if (showsNothing(frame)) continue;
      yield await ask(frame).finally(() => letGo(frame));
    }
  } finally {
    newest.end();
  }
}

/** Reads frames as quickly as they come, and keeps the last of them. */
class NewestFrame {
  #waiting: ImageInput | null = null;
  #ended = false;
  #failure: { readonly error: unknown } | null = null;
  #wake: () => void = () => undefined;

  constructor(readonly frames: Frames) {
    void this.#read();
  }

  /** Resolves once there is a frame to take, or nothing more will come. */
  arrival(): Promise<void> {
    if (this.#waiting !== null || this.#ended) return Promise.resolve();
    return new Promise((resolve) => (this.#wake = resolve));
  }

  /** The caller's from now on; `null`: that was all. Throws what the source threw, once its last frame was taken. */
  take(): ImageInput | null {
    const frame = this.#waiting;
    this.#waiting = null;
    if (frame === null && this.#failure) throw this.#failure.error;
    return frame;
  }

  end(): void {
    if (!this.#ended) void Promise.resolve(this.frames.return?.()).catch(() => undefined); // nobody waits for it
    this.#ended = true;
    if (this.#waiting !== null) letGo(this.#waiting);
    this.#waiting = null;
  }

  async #read(): Promise<void> {
    try {
      for (let frame = await this.frames.next(); !frame.done; frame = await this.frames.next()) {
        if (this.#ended) return letGo(frame.value); // it was under way
        const passedOver = this.#waiting;
        this.#waiting = frame.value;
        this.#wake();
        if (passedOver === null) continue;
        letGo(passedOver);
        await nextTurn(); // a source that never waits must not hold up the page
      }
    } catch (error) {
      this.#failure = { error };
    }
    this.#ended = true;
    this.#wake();
  }
}

/** Video frames and bitmaps hold memory, a camera's frames also the camera. */
function letGo(frame: ImageInput): void {
  if (typeof frame === "object" && "close" in frame) frame.close();
}
