import { VisionError } from "../../worker/contract/errors.ts";
import type { FrameSource, ImageInput } from "./vision.ts";

/** Pictures to be read one after another; `return` is called where no more are wanted. */
export type Frames = Pick<AsyncIterator<ImageInput, unknown>, "next" | "return">;

const OVER = { done: true, value: undefined } as const;

/** Throws `invalid-argument` for what gives no frames. */
export function framesOf(source: FrameSource): Frames {
  if ("requestVideoFrameCallback" in Object(source)) return framesOfVideo(source as HTMLVideoElement);
  if ("getReader" in Object(source)) return framesOfStream(source as ReadableStream<ImageInput>);
  if (Symbol.asyncIterator in Object(source)) return (source as AsyncIterable<ImageInput>)[Symbol.asyncIterator]();
  const wanted = "a video element, a stream or an async iterable of pictures";
  throw new VisionError("invalid-argument", `frames: expected ${wanted}, got ${typeof source}`);
}

/** Whatever the video shows next, until it ends; the element itself stands for the frame on it. */
function framesOfVideo(video: HTMLVideoElement): Frames {
  const listening = new AbortController();
  let callback = 0;
  return {
    next: () =>
      new Promise((resolve) => {
        const end = (): void => resolve(OVER);
        if (video.ended) return end();
        video.addEventListener("ended", end, { once: true, signal: listening.signal });
        callback = video.requestVideoFrameCallback(() => {
          video.removeEventListener("ended", end);
          resolve({ done: false, value: video });
        });
      }),
    return: async () => {
      listening.abort();
      video.cancelVideoFrameCallback(callback);
      return OVER;
    },
  };
}

/** Not every browser iterates over streams. */
function framesOfStream(stream: ReadableStream<ImageInput>): Frames {
  if (stream.locked)
    throw new VisionError("invalid-argument", "frames: expected a stream that nobody reads, got a locked one");
  const reader = stream.getReader();
  return {
    next: () => reader.read(),
    return: async () => {
      await reader.cancel();
      return OVER;
    },
  };
}
