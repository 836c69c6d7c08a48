import { VisionError } from "../../worker/contract/errors.ts";
import type { FrameSource, ImageInput } from "./vision.ts";

/** Pictures to be read one after another; `return` is called where no more are wanted. */
export type Frames = Pick<AsyncIterator<ImageInput, unknown>, "next" | "return">;

const OVER = { done: true, value: undefined } as const;

/** Throws `invalid-argument` for what gives no frames. */
export function framesOf(source: FrameSource): Frames {
  if (isVideo(source)) return framesOfVideo(source);
  if ("getReader" in Object(source)) return framesOfStream(source as ReadableStream<ImageInput>);
  if (Symbol.asyncIterator in Object(source)) return (source as AsyncIterable<ImageInput>)[Symbol.asyncIterator]();
  const wanted = "a video element, a stream or an async iterable of pictures";
  throw new VisionError("invalid-argument", `frames: expected ${wanted}, got ${typeof source}`);
}

/** Whether it is a video whose picture was taken from it meanwhile. */
export const showsNothing = (frame: ImageInput): boolean =>
  isVideo(frame) && frame.readyState < frame.HAVE_CURRENT_DATA;

const isVideo = (source: unknown): source is HTMLVideoElement => "requestVideoFrameCallback" in Object(source);

const LOOK_AGAIN = 250; // milliseconds between looks at a video that shows nothing new

/** Whatever the video shows next, until it ends; the element itself stands for the frame on it. */
function framesOfVideo(video: HTMLVideoElement): Frames {
  let callback = 0;
  let timer = 0;
  let begun = false;
  return {
    next: () =>
      new Promise((resolve) => {
        const settle = (result: IteratorResult<ImageInput, unknown>): void => {
          clearInterval(timer);
          video.cancelVideoFrameCallback(callback);
          begun = true;
          resolve(result);
        };
        if (isOver(video, begun)) return resolve(OVER);
        timer = window.setInterval(() => isOver(video, begun) && settle(OVER), LOOK_AGAIN);
        callback = video.requestVideoFrameCallback(() => settle({ done: false, value: video }));
      }),
    return: async () => {
      clearInterval(timer);
      video.cancelVideoFrameCallback(callback);
      return OVER;
    },
  };
}

/** It has ended or failed, what it showed was taken from it, or its camera was stopped: no event tells all that everywhere. */
function isOver({ ended, error, srcObject, networkState }: HTMLVideoElement, begun: boolean): boolean {
  const stopped = srcObject instanceof MediaStream && !srcObject.active;
  const taken = begun && networkState === HTMLMediaElement.NETWORK_EMPTY;
  return ended || error !== null || stopped || taken;
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
