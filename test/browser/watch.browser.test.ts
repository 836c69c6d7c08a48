import { afterEach, describe, expect, test } from "vitest";
import { createVision } from "../../src/client/create-vision.ts";
import type { ImageInput, Vision } from "../../src/client/vision.ts";

const MODEL = "/test/golden/vit-hf/"; // 32 px, 3 blocks

let vision: Vision;
const start = async (): Promise<void> => {
  vision = await createVision({ backend: "wasm", preload: MODEL });
  await vision.load(MODEL);
};
afterEach(() => vision.dispose());

/** A canvas that is drawn on 50 times a second, as a camera's stream. */
function movingPicture() {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = 64;
  const context = canvas.getContext("2d")!;
  let turn = 0;
  const timer = setInterval(() => {
    turn += 1;
    context.fillStyle = `hsl(${(turn * 7) % 360} 90% 50%)`;
    context.fillRect(0, 0, 64, 64);
  }, 20);
  const stream = canvas.captureStream(50);
  const end = (): void => {
    clearInterval(timer);
    for (const track of stream.getTracks()) track.stop();
  };
  return { stream, end };
}

/** Not yet in TypeScript's library. */
type TrackProcessor = { readonly readable: ReadableStream<VideoFrame> };
declare const MediaStreamTrackProcessor: new (options: { track: MediaStreamTrack }) => TrackProcessor;

describe("live frames", () => {
  test("of a video are answered one after another until it is let go", async () => {
    await start();
    const { stream, end } = movingPicture();
    const video = document.createElement("video");
    video.muted = true;
    video.srcObject = stream;
    document.body.append(video);
    await video.play();
    let asked = 0;
    const classify = vision.classify.bind(vision) as (image: ImageInput) => Promise<unknown>;
    vision.classify = ((image: ImageInput) => {
      asked += 1;
      return classify(image).finally(() => (asked -= 1));
    }) as unknown as Vision["classify"];
    const scores = new Set<number>();
    for await (const { predictions } of vision.watch(video, { topK: 1 })) {
      expect(asked).toBe(0);
      scores.add(predictions[0]!.score);
      if (scores.size === 3) break; // it follows the picture
    }
    video.remove();
    end();
  });

  test.each([
    ["its camera is stopped", (_: HTMLVideoElement, end: () => void) => end()],
    ["what it shows is taken from it", (video: HTMLVideoElement) => void (video.srcObject = null)],
  ])("of a video end when %s", async (_, over) => {
    await start();
    const { stream, end } = movingPicture();
    const video = document.createElement("video");
    video.muted = true;
    video.srcObject = stream;
    await video.play();
    let answers = 0;
    for await (const { predictions } of vision.watch(video)) {
      expect(predictions).toHaveLength(5);
      if (++answers === 2) over(video, end);
    }
    expect(answers).toBeLessThan(10);
    end();
  });

  test("of a camera's track are all closed, those passed over too, and end with the signal", async () => {
    await start();
    const { stream, end } = movingPicture();
    const frames: VideoFrame[] = [];
    const counting = new TransformStream<VideoFrame, VideoFrame>({
      transform: (frame, controller) => {
        frames.push(frame);
        controller.enqueue(frame);
      },
    });
    const { readable } = new MediaStreamTrackProcessor({ track: stream.getVideoTracks()[0]! });
    const stop = new AbortController();
    let answers = 0;
    const watching = (async () => {
      for await (const { predictions } of vision.watch(readable.pipeThrough(counting), { signal: stop.signal })) {
        expect(predictions).toHaveLength(5);
        await new Promise((resolve) => setTimeout(resolve, 100)); // five frames pass meanwhile
        if (++answers === 3) stop.abort();
      }
    })();
    await expect(watching).rejects.toMatchObject({ name: "AbortError" });
    end();
    await expect.poll(() => frames.filter(({ format }) => format !== null).length).toBe(0); // null once it is closed
    expect(frames.length).toBeGreaterThan(answers);
    expect((await vision.status()).queued).toBe(0);
  });

  test("that are no frames are refused by code", async () => {
    await start();
    await expect(vision.watch(null as unknown as HTMLVideoElement).next()).rejects.toMatchObject({
      code: "invalid-argument",
    });
  });
});

describe("a long list of pictures that are not files", () => {
  test("never stands decoded in memory all at once", async () => {
    await start();
    const canvases = Array.from({ length: 60 }, (_, i) => {
      const canvas = document.createElement("canvas");
      canvas.width = 20 + i;
      canvas.height = 20;
      canvas.getContext("2d")!.fillRect(0, 0, 9, 9);
      return canvas;
    });
    const make = globalThis.createImageBitmap;
    let made = 0;
    globalThis.createImageBitmap = ((...call: Parameters<typeof make>) => {
      made += 1;
      return make(...call);
    }) as typeof make;
    const ahead: number[] = [];
    const onProgress = ({ loaded }: { loaded: number }) => void ahead.push(made - loaded);
    try {
      const answers = await vision.classify(canvases, { onProgress });
      expect(answers.map(({ seen }) => seen.source.width)).toEqual(canvases.map(({ width }) => width));
    } finally {
      globalThis.createImageBitmap = make;
    }
    expect(made).toBe(60);
    expect(Math.max(...ahead)).toBeLessThanOrEqual(24); // a batch on the device, two behind it
    await expect(vision.classify([...canvases, {} as HTMLCanvasElement])).rejects.toMatchObject({
      code: "image-unsupported-input",
    });
    expect((await vision.classify(canvases[0]!)).predictions).toHaveLength(5);
  });
});
