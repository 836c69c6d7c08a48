import type { StartThread } from "../../../../worker/kernels/wasm-encoder/encoder-threads.ts";

/** A way to start threads, and the moment when so many of them are ready. */
export function watched(start: StartThread, count: number) {
  let tell: () => void;
  const ready = new Promise<void>((resolve) => (tell = resolve));
  let waiting = count;
  const watchedStart: StartThread = (work, onReady, onEnd) =>
    start(
      work,
      () => {
        onReady();
        if (--waiting === 0) tell();
      },
      onEnd,
    );
  return { ready, start: watchedStart };
}
