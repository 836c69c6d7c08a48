/**
 * ViTs on WebAssembly, random weights, batch 1, 224 pixels: our engine, tfjs's kernels and onnxruntime-web, in one run and
 * in turns. Wall time is what a visitor waits; the largest difference is from tfjs's logits.
 *
 *   npm run bench:encoder-wasm -- [preset] [rounds]
 *
 * Node 20 has relaxed SIMD behind a flag; where there is none, the builds for it are left out. ORT_THREADS is
 * onnxruntime-web's number of threads, 1 unless given.
 */
import { readFileSync } from "node:fs";
import { tensor4d } from "@tensorflow/tfjs-core";
import { InferenceSession, Tensor, env } from "onnxruntime-web";
import { KERNELS, startThread } from "../src/cli/encoder-thread.ts";
import { nodeBackends } from "../src/cli/node-backends.ts";
import { elementCount } from "../worker/contract/host-tensor.ts";
import { createRandom } from "../worker/contract/random.ts";
import type { EncoderEngine } from "../worker/kernels/encoder-engine.ts";
import { createWasmEncoder } from "../worker/kernels/wasm-encoder/create-wasm-encoder.ts";
import { buildVit } from "../worker/models/vit/build-vit.ts";
import type { VitConfig } from "../worker/models/vit/config.ts";
import { vitParameterShapes } from "../worker/models/vit/parameters.ts";
import { VIT_PRESETS } from "../worker/models/vit/presets.ts";
import { runVit } from "../worker/models/vit/run-vit.ts";
import { writeOnnxVit } from "./encoder-wasm-onnx.ts";

type Contestant = { readonly name: string; readonly logits: () => Promise<Float32Array> };

const [, , preset = "vit-tiny-patch16-224", rounds = "15"] = process.argv;
const SIDE = 224; // pixels
const PIXELS = SIDE * SIDE;

const random = createRandom(1);
const image = Float32Array.from({ length: 3 * PIXELS }, () => 4 * random() - 2); // [H, W, C]

function drawParameters(config: VitConfig): (name: string) => Float32Array {
  const draw = (name: string, shape: readonly number[]): Float32Array => {
    const isScale = name.includes("norm") && name.endsWith(".weight");
    const count = elementCount(shape);
    const size = shape.length > 1 ? Math.sqrt((3 * shape[0]!) / count) : 0.1;
    return Float32Array.from({ length: count }, () => Number(isScale) + (2 * random() - 1) * size);
  };
  const values = new Map([...vitParameterShapes(config)].map(([name, shape]) => [name, draw(name, shape)]));
  return (name) => values.get(name)!;
}

async function ourEngine(config: VitConfig, read: (name: string) => Float32Array, build: string, threads: number) {
  const bytes = readFileSync(new URL(`${build}${threads > 1 ? "-threads" : ""}.wasm`, KERNELS));
  if (!WebAssembly.validate(bytes)) return null;
  const module = await WebAssembly.compile(bytes);
  return createWasmEncoder(config, read, { module, threaded: threads > 1 ? { threads, start: startThread } : null });
}

const onEngine = (name: string, engine: EncoderEngine): Contestant => ({
  name,
  logits: async () => {
    const answers = await engine.run({ shape: [1, SIDE, SIDE, 3], values: image }, { stages: ["logits"] });
    return answers.get("logits")!.values;
  },
});

async function onTfjs(config: VitConfig, read: (name: string) => Float32Array): Promise<Contestant> {
  await nodeBackends[0]!.start(() => undefined);
  const vit = await buildVit(config, read);
  const input = tensor4d(image, [1, SIDE, SIDE, 3]);
  const logits = async (): Promise<Float32Array> => {
    const [answer] = [...(await runVit(vit, input, { stages: ["logits"] })).values()];
    const values = (await answer!.data()) as Float32Array;
    answer!.dispose();
    return values;
  };
  return { name: "tfjs, composed", logits };
}

/** The number of threads is onnxruntime-web's for good once its first session stands. */
async function onOnnxRuntime(config: VitConfig, read: (name: string) => Float32Array): Promise<Contestant> {
  env.wasm.numThreads = Number(process.env.ORT_THREADS ?? 1);
  const session = await InferenceSession.create(writeOnnxVit(config, read), { executionProviders: ["wasm"] });
  const planes = Float32Array.from(image, (_, at) => image[(at % PIXELS) * 3 + Math.floor(at / PIXELS)]!); // [C, H, W]
  const pixels = new Tensor("float32", planes, [1, 3, SIDE, SIDE]);
  return {
    name: `onnxruntime-web, ${env.wasm.numThreads} thread(s)`,
    logits: async () => (await session.run({ pixels })).logits!.data as Float32Array,
  };
}

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1]!;

async function compare(): Promise<void> {
  if (!(preset in VIT_PRESETS)) throw new Error(`preset: expected one of ${Object.keys(VIT_PRESETS).join(", ")}`);
  const config: VitConfig = VIT_PRESETS[preset as keyof typeof VIT_PRESETS];
  const read = drawParameters(config);
  const contestants = [await onOnnxRuntime(config, read), await onTfjs(config, read)];
  for (const build of ["encoder", "encoder-relaxed"]) {
    for (const threads of [1, 2]) {
      const engine = await ourEngine(config, read, build, threads);
      if (engine) contestants.push(onEngine(`own ${build}, ${threads} thread(s)`, engine));
    }
  }
  const wanted = await contestants[1]!.logits();
  const difference = new Map<string, number>();
  for (const { name, logits } of contestants) {
    const got = await logits();
    difference.set(name, Math.max(...got.map((value, at) => Math.abs(value - wanted[at]!))));
    for (let warm = 0; warm < 3; warm++) await logits();
  }
  const times = new Map<string, number[]>(contestants.map(({ name }) => [name, []]));
  for (let round = 0; round < Number(rounds); round++) {
    for (const { name, logits } of contestants) {
      const start = performance.now();
      await logits();
      times.get(name)!.push(performance.now() - start);
    }
  }
  const [first] = contestants;
  const base = times.get(first!.name)!;
  for (const [name, all] of times) {
    const ratio = median(all.map((time, round) => base[round]! / time));
    const figures = [median(all), Math.min(...all)].map((time) => `${time.toFixed(1)} ms`).join(", least ");
    const error = difference.get(name)!.toExponential(1);
    console.log(`${name}: ${figures}, ×${ratio.toFixed(2)} of onnxruntime-web's speed, off by ${error}`);
  }
}

await compare();
process.exit(); // onnxruntime-web's threads would keep it
