import { describe, expect, test } from "vitest";
import { draw, MODEL, start, within } from "./start-vision.ts";

/** A page asks for its file when it is scrolled to. */
function farImage(): HTMLImageElement {
  const image = new Image(1, 1);
  image.loading = "lazy";
  image.src = "/test/golden/pictures/lossy.webp";
  const far = document.createElement("div");
  far.style.cssText = "position: absolute; top: 60000px";
  far.append(image);
  document.body.append(far);
  return image;
}

describe("every kind of picture", () => {
  test("gives the same answer", async () => {
    const vision = await start();
    const model = await vision.load(MODEL);
    const data = draw(40, 30);
    const canvas = document.createElement("canvas");
    canvas.width = data.width;
    canvas.height = data.height;
    canvas.getContext("2d")!.putImageData(data, 0, 0);
    const offscreen = new OffscreenCanvas(data.width, data.height);
    offscreen.getContext("2d")!.putImageData(data, 0, 0);
    const blob = await offscreen.convertToBlob({ type: "image/png" });
    const element = new Image();
    element.src = URL.createObjectURL(blob);
    const bitmap = await createImageBitmap(data);
    const rgb = { width: 40, height: 30, data: new Uint8Array([...data.data].filter((_, i) => i % 4 !== 3)) };
    const frame = new VideoFrame(canvas, { timestamp: 0 });
    const pictures = [data, canvas, offscreen, blob, element, element.src, new URL(element.src), bitmap, rgb, frame];
    const answers = await vision.classify(pictures, { model, topK: 10 });
    frame.close();
    expect(bitmap.width).toBe(40); // the caller's own picture is still theirs
    expect(answers).toHaveLength(pictures.length);
    for (const { predictions, seen } of answers) {
      expect(seen.source).toEqual({ width: 40, height: 30 });
      predictions.forEach(({ index, score }, i) => {
        expect(index).toBe(answers[0]!.predictions[i]!.index);
        expect(score).toBeCloseTo(answers[0]!.predictions[i]!.score, 3); // a video frame goes through YUV
      });
    }
  });

  test("an image that its page puts off until it is scrolled to is asked for", async () => {
    const vision = await start({ backend: "wasm" });
    const model = await vision.load(MODEL);
    const image = farImage();
    const far = await within(5000, vision.classify(image, { model }));
    expect(far.predictions).toEqual((await vision.classify(image.src, { model })).predictions);
    expect(image.complete).toBe(false); // it stays the page's
  });

  test("what is no picture is refused by code", async () => {
    const vision = await start();
    await vision.load(MODEL);
    const refused = (image: unknown) => vision.classify(image as Blob).catch((error: { code: string }) => error.code);
    expect(await refused(new Blob([]))).toBe("image-empty");
    expect(await refused(new Blob(["just some text"]))).toBe("image-unknown-format");
    for (const nonsense of [{ neither: "fish" }, null, undefined, 5]) {
      expect(await refused(nonsense)).toBe("image-unsupported-input");
    }
    expect(await refused("/no/such/picture.png")).toMatch(/^(source-not-found|image-unknown-format)$/);
    expect(await refused("http://[")).toBe("image-unsupported-input");
  });
});

describe("several pictures", () => {
  test("may be the files of an input element", async () => {
    const vision = await start({ backend: "wasm" });
    await vision.load(MODEL);
    const canvas = new OffscreenCanvas(8, 8);
    canvas.getContext("2d")!.fillRect(1, 2, 3, 4);
    const picture = await canvas.convertToBlob();
    const chosen = new DataTransfer();
    for (const name of ["a.png", "b.png"]) chosen.items.add(new File([picture], name));
    const one = await vision.classify(picture);
    expect((await vision.classify(chosen.files)).map(({ predictions }) => predictions)).toEqual([
      one.predictions,
      one.predictions,
    ]);
    expect((await vision.teach({ a: chosen.files, b: [draw(8, 8)] })).labels).toEqual(["a", "b"]);
  });

  test("of which one is none are refused by its place and name", async () => {
    const vision = await start({ backend: "wasm" });
    await vision.load(MODEL);
    const good = draw(8, 8);
    const refused = (bad: unknown) => expect(vision.classify([good, bad as Blob, good])).rejects;
    await refused(new File(["text"], "bad.jpg")).toMatchObject({
      code: "image-unknown-format",
      image: 1,
      message: expect.stringMatching(/^picture 2 of 3 \(bad\.jpg\): wanted/) as string,
    });
    await refused(new Uint8Array(3)).toMatchObject({
      code: "image-unsupported-input",
      image: 1,
      message: expect.stringMatching(/^picture 2 of 3: expected .*new Blob\(\[bytes\]\)/) as string,
    });
    const alone = await vision.classify(new File(["text"], "bad.jpg")).catch((error: unknown) => error);
    expect(alone).toMatchObject({ image: undefined, message: expect.stringMatching(/^picture: wanted/) as string });
  });
});

test("an image of a frame in the page is one, too", async () => {
  const vision = await start({ backend: "wasm" });
  await vision.load(MODEL);
  const frame = document.createElement("iframe");
  document.body.append(frame);
  const image = frame.contentDocument!.createElement("img");
  image.src = "/test/golden/pictures/lossy.webp";
  expect((await vision.classify(image)).predictions).toEqual((await vision.classify(image.src)).predictions);
  frame.remove();
});
