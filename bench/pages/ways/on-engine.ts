import type { MathBackendWebGL } from "@tensorflow/tfjs-backend-webgl";
import { backend } from "@tensorflow/tfjs-core";
import type { OpenedModel } from "../../../worker/checkpoint/open-model.ts";
import type { EncoderEngine, EncoderRun } from "../../../worker/kernels/encoder-engine.ts";
import { createWasmEncoder } from "../../../worker/kernels/wasm-encoder/create-wasm-encoder.ts";
import { wasmKernels } from "../../../worker/kernels/wasm/kernels.ts";
import { createWebglEncoder } from "../../../worker/kernels/webgl-encoder/create-webgl-encoder.ts";
import type { VitConfig } from "../../../worker/models/vit/config.ts";
import type { ParameterReader } from "../../../worker/kernels/parameter-reader.ts";
import type { Contestant, Extent, Way } from "./contestant.ts";
import { driverFor } from "./drivers.ts";

/** A ViT on the engine of its own that a backend has. */
export async function onEngine(opened: OpenedModel, way: Way): Promise<Contestant> {
  if (opened.type !== "vit") throw new Error(`engine: expected a ViT, got ${opened.type}`);
  await driverFor(way).start(() => undefined);
  const { config } = opened;
  const engine = await startEngine(config, opened.read, way);
  return {
    wantsChannelsLast: true,
    bytes: engine.bytes,
    async run(images, extent) {
      const answers = await engine.run(images, asked(extent, config));
      return [...answers.values()].at(-1)!.values;
    },
  };
}

async function startEngine(config: VitConfig, read: ParameterReader, { on }: Way): Promise<EncoderEngine> {
  if (on === "webgl") {
    const gl = (backend() as MathBackendWebGL).gpgpu.gl as WebGL2RenderingContext;
    return createWebglEncoder(config, read, { gl });
  }
  const kernels = wasmKernels();
  if (!kernels) throw new Error("absent: this machine has no SIMD in WebAssembly");
  return createWasmEncoder(config, read, kernels);
}

function asked(extent: Extent, { layers }: VitConfig): EncoderRun {
  if (extent === "logits") return { stages: ["logits"] };
  if (extent !== "logits and rows") return { stages: [`blocks.${Number(extent.split(" ")[1])}.output`] };
  const rows = Array.from({ length: layers }, (_, layer) => `blocks.${layer}.attention` as const);
  return { stages: [...rows, "logits"], queries: { first: 0, count: 1 } };
}
