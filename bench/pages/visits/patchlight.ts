import { createVision } from "../../../src/index.ts";
import { MODEL, PICTURE, visit } from "./visit.ts";

const backend = new URL(location.href).searchParams.get("backend") as "wasm" | "webgl";

await visit(async () => {
  const vision = await createVision({ backend, preload: MODEL });
  const model = await vision.load(MODEL);
  return async () => (await vision.classify(PICTURE, { model })).predictions[0]!.index;
});
