import type { MathBackendWebGL } from "@tensorflow/tfjs-backend-webgl";
import { backend, dispose, memory, tensor4d, type Tensor } from "@tensorflow/tfjs-core";
import type { EncoderEngine, EncoderStage } from "../worker/kernels/encoder-engine.ts";
import type { EngineArray } from "../worker/kernels/engine.ts";
import { createWebglEncoder } from "../worker/kernels/webgl-encoder/engine.ts";
import { buildVit } from "../worker/models/vit/build-vit.ts";
import type { VitConfig } from "../worker/models/vit/config.ts";
import { vitParameterShapes } from "../worker/models/vit/parameters.ts";
import { VIT_PRESETS } from "../worker/models/vit/presets.ts";
import { runVit } from "../worker/models/vit/run-vit.ts";
import { releaseVit, type Vit } from "../worker/models/vit/vit.ts";
import { webglBackend } from "../worker/runtime/backends/webgl.ts";

export type Preset = keyof typeof VIT_PRESETS;

/** Random numbers of about the size that training leaves; the same for every reader. */
function randomReader(config: VitConfig): (name: string) => Float32Array {
  const shapes = vitParameterShapes(config);
  const made = new Map<string, Float32Array>();
  return (name) => {
    const known = made.get(name);
    if (known) return known;
    const shape = shapes.get(name)!;
    const values = new Float32Array(shape.reduce((product, size) => product * size, 1));
    const scale = shape.length === 1 ? 0.02 : 1 / Math.sqrt(values.length / shape[0]!);
    const base = /norm.*weight$/.test(name) ? 1 : 0;
    let state = name.length * 7919 + values.length;
    for (let at = 0; at < values.length; at++) {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      values[at] = base + (state / 2 ** 31 - 1) * scale * 1.7;
    }
    made.set(name, values);
    return values;
  };
}

const image = (config: VitConfig, count: number): EngineArray => {
  const shape = [count, config.imageSize.height, config.imageSize.width, config.channels];
  const values = Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, at) => Math.sin(at * 0.37) * 1.5);
  return { shape, values };
};

type Ways = { readonly plain: Vit; readonly engines: ReadonlyMap<number, EncoderEngine>; readonly config: VitConfig };

let ways: Ways;
let gl: WebGL2RenderingContext;
let draws = 0;

const now = async (work: () => Promise<unknown>): Promise<number> => {
  const begin = performance.now();
  await work();
  return performance.now() - begin;
};

async function plainLogits(vit: Vit, { shape, values }: EngineArray): Promise<Float32Array> {
  const input = tensor4d(values, shape as [number, number, number, number]);
  const answers = await runVit(vit, input, { stages: ["logits"] });
  const logits = (await answers.get("logits")!.data()) as Float32Array;
  dispose([input, ...answers.values()] as Tensor[]);
  return logits;
}

const engineLogits = async (engine: EncoderEngine, input: EngineArray): Promise<Float32Array> =>
  (await engine.run(input, { stages: ["logits"] })).get("logits")!.values;

/** Starts WebGL and builds both; what each took until its first answer, the weights being in memory. */
export async function start(preset: Preset, lanes: readonly number[]) {
  await webglBackend.start(() => undefined);
  gl = (backend() as MathBackendWebGL).gpgpu.gl as WebGL2RenderingContext;
  for (const name of ["drawArrays", "drawElements"] as const) {
    const original = gl[name].bind(gl) as (...call: unknown[]) => void;
    (gl as unknown as Record<string, unknown>)[name] = (...call: unknown[]) => {
      draws += 1;
      original(...call);
    };
  }
  const config = VIT_PRESETS[preset];
  const read = randomReader(config);
  for (const name of vitParameterShapes(config).keys()) read(name);
  const input = image(config, 1);
  const firstRun: Record<string, number> = {};
  const engines = new Map<number, EncoderEngine>();
  let engineAnswer = new Float32Array();
  for (const count of lanes) {
    firstRun[`engine ${count}`] = await now(async () => {
      const engine = await createWebglEncoder(config, read, { gl, span: count });
      engines.set(count, engine);
      engineAnswer = (await engineLogits(engine, input)) as Float32Array<ArrayBuffer>;
    });
  }
  let plain: Vit;
  let plainAnswer = new Float32Array();
  firstRun["plain"] = await now(async () => {
    plain = await buildVit(config, read);
    plainAnswer = (await plainLogits(plain, input)) as Float32Array<ArrayBuffer>;
  });
  ways = { plain: plain!, engines, config };
  const error = Math.max(...plainAnswer.map((value, at) => Math.abs(value - engineAnswer[at]!)));
  const largest = Math.max(...plainAnswer.map(Math.abs));
  return { firstRun, error, largest };
}

/** One pass of one way: milliseconds on the wall, draws, and bytes on the GPU. */
export async function pass(way: "plain" | number, count = 1, rows = false) {
  const { config, plain, engines } = ways;
  const input = image(config, count);
  draws = 0;
  const stages: EncoderStage[] = ["logits"];
  if (rows) for (let layer = 0; layer < config.layers; layer++) stages.push(`blocks.${layer}.attention`);
  const milliseconds = await now(() =>
    way === "plain"
      ? plainLogits(plain, input)
      : engines.get(way)!.run(input, { stages, queries: rows ? { first: 0, count: 1 } : undefined }),
  );
  const bytes =
    way === "plain" ? (memory() as unknown as { numBytesInGPU: number }).numBytesInGPU : engines.get(way)!.bytes();
  return { milliseconds, draws, bytes };
}

export function stop(): void {
  releaseVit(ways.plain);
  for (const engine of ways.engines.values()) engine.release();
}
