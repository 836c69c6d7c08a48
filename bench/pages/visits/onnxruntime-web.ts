/** As its documentation shows it: a session from a URL on the page's thread, pixels from a canvas. */
import { InferenceSession, Tensor } from "onnxruntime-web/wasm";
import { MODEL, PICTURE, visit } from "./visit.ts";

const SIDE = 224; // pixels

async function readPixels(): Promise<Float32Array> {
  const bitmap = await createImageBitmap(await (await fetch(PICTURE)).blob());
  const context = new OffscreenCanvas(SIDE, SIDE).getContext("2d")!;
  context.drawImage(bitmap, 0, 0, SIDE, SIDE);
  const { data } = context.getImageData(0, 0, SIDE, SIDE);
  const area = SIDE * SIDE;
  return Float32Array.from({ length: 3 * area }, (_, at) => data[(at % area) * 4 + Math.floor(at / area)]! / 127.5 - 1);
}

await visit(async () => {
  const session = await InferenceSession.create(`${MODEL}/onnx/model.onnx`, { executionProviders: ["wasm"] });
  return async () => {
    const pixels = new Tensor("float32", await readPixels(), [1, 3, SIDE, SIDE]);
    const { logits } = await session.run({ pixel_values: pixels });
    const scores = (await logits!.getData()) as Float32Array;
    return scores.indexOf(Math.max(...scores));
  };
});
