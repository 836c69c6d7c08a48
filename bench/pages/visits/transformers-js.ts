/** Its pipeline, on the page's thread, with everything from this server. */
import { env, pipeline } from "@huggingface/transformers";
import { MODEL, PICTURE, visit } from "./visit.ts";

const ORT = new URL("/node_modules/@huggingface/transformers/node_modules/onnxruntime-web/dist/", location.href).href;
const BUILD = "ort-wasm-simd-threaded.asyncify"; // the one it takes from its network by itself

env.allowRemoteModels = false;
env.allowLocalModels = true;
env.localModelPath = "/";
env.backends.onnx.wasm!.wasmPaths = { mjs: `${ORT}${BUILD}.mjs`, wasm: `${ORT}${BUILD}.wasm` };

await visit(async () => {
  const classifier = await pipeline("image-classification", MODEL.slice(1), { device: "wasm", dtype: "fp32" });
  return async () => {
    const [best] = (await classifier(PICTURE)) as { label: string }[];
    return Number(best!.label.replace("class ", ""));
  };
});
