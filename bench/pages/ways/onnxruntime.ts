import type * as Ort from "onnxruntime-web";
import type { Contestant, ModelAddress, Way } from "./contestant.ts";

/** As the package ships them, untouched by a bundler, which its threads would have to be told of. */
const DIST = new URL("/node_modules/onnxruntime-web/dist/", location.href).href;
const BUILDS = { wasm: "ort.wasm.min.mjs", webgpu: "ort.webgpu.min.mjs", webgl: null } as const;

/** Bytes of a model's ONNX file. */
export async function readOnnx({ folder }: ModelAddress): Promise<Uint8Array> {
  return new Uint8Array(await (await fetch(`${folder}/onnx/model.onnx`)).arrayBuffer());
}

export async function onOnnxRuntime(model: Uint8Array, { on, threads }: Way): Promise<Contestant> {
  const build = BUILDS[on];
  if (!build) throw new Error("absent: its WebGL does not know the operators of a Vision Transformer");
  if (on === "webgpu") await expectAdapter();
  const { env, InferenceSession, Tensor } = (await import(/* @vite-ignore */ `${DIST}${build}`)) as typeof Ort;
  env.wasm.wasmPaths = DIST;
  env.wasm.numThreads = threads; // for good once the first session stands
  const session = await InferenceSession.create(model, { executionProviders: [on] });
  return {
    wantsChannelsLast: false,
    bytes: () => null,
    async run({ shape, values }) {
      const { logits } = await session.run({ pixel_values: new Tensor("float32", values, shape) });
      return (await logits!.getData()) as Float32Array;
    },
  };
}

type Gpu = { requestAdapter(): Promise<object | null> };

async function expectAdapter(): Promise<void> {
  const { gpu } = navigator as { gpu?: Gpu };
  if (!(await gpu?.requestAdapter())) throw new Error("absent: this browser has no WebGPU device");
}
