import type { MathBackendWebGL } from "@tensorflow/tfjs-backend-webgl";
import { backend, dispose, memory, tensor4d, type Tensor, type Tensor4D } from "@tensorflow/tfjs-core";
import type { HostArray } from "../worker/contract/forward.ts";
import type { Size } from "../worker/contract/geometry.ts";
import { createWebglCnn } from "../worker/kernels/webgl-cnn/create-webgl-cnn.ts";
import { createWebglEncoder } from "../worker/kernels/webgl-encoder/create-webgl-encoder.ts";
import { releaseAttentionCnn } from "../worker/models/attention-cnn/attention-cnn.ts";
import { buildAttentionCnn } from "../worker/models/attention-cnn/build-attention-cnn.ts";
import type { AttentionCnnConfig } from "../worker/models/attention-cnn/config.ts";
import { attentionCnnParameterShapes } from "../worker/models/attention-cnn/parameters.ts";
import { runAttentionCnn } from "../worker/models/attention-cnn/run-attention-cnn.ts";
import { buildVit } from "../worker/models/vit/build-vit.ts";
import type { VitConfig } from "../worker/models/vit/config.ts";
import { vitParameterShapes } from "../worker/models/vit/parameters.ts";
import { VIT_PRESETS } from "../worker/models/vit/presets.ts";
import { runVit } from "../worker/models/vit/run-vit.ts";
import { releaseVit } from "../worker/models/vit/vit.ts";
import { webglBackend } from "../worker/runtime/backends/webgl.ts";

/** The shape of the embedded models (public/models/everyday-*), 72 and 128 px. */
const everyday = (side: number): AttentionCnnConfig => ({
  imageSize: { width: side, height: side },
  channels: 3,
  stem: { channels: 32, stride: 2 },
  stages: [
    { channels: 32, blocks: 1, stride: 1 },
    { channels: 96, blocks: 3, stride: 2 },
    { channels: 256, blocks: 3, stride: 2 },
  ],
  activation: "relu",
  batchNormEpsilon: 1e-5,
  attention: { afterStage: 1, innerChannels: 64, scaled: true },
  classes: 100,
});

const CNNS: Readonly<Record<string, AttentionCnnConfig>> = {
  "everyday-cnn": everyday(72),
  "captioner-cnn": everyday(128),
};

type Read = (name: string) => Float32Array;
type Way = {
  readonly run: (input: HostArray, rows: boolean) => Promise<Float32Array>;
  bytes(): number;
  release(): void;
};

/** A model, composed of tensors and on our engine with tiles of some rows × columns. */
type Subject = {
  readonly image: { readonly imageSize: Size; readonly channels: number };
  readonly shapes: ReadonlyMap<string, readonly number[]>;
  compose(read: Read): Promise<Way>;
  build(read: Read, gl: WebGL2RenderingContext, lanes: number, span: number): Promise<Way>;
};

const tensorBytes = (): number => (memory() as unknown as { numBytesInGPU: number }).numBytesInGPU;

/** Runs a composed model to its logits. */
const composed = (run: (input: Tensor4D) => Promise<Map<string, Tensor>>, release: () => void): Way => ({
  run: async ({ shape, values }) => {
    const input = tensor4d(values, shape as Tensor4D["shape"]);
    const answers = await run(input);
    const logits = (await answers.get("logits")!.data()) as Float32Array;
    dispose([input, ...answers.values()]);
    return logits;
  },
  bytes: tensorBytes,
  release,
});

function vit(config: VitConfig): Subject {
  const stages = ["logits", ...Array.from({ length: config.layers }, (_, at) => `blocks.${at}.attention`)] as const;
  return {
    image: config,
    shapes: vitParameterShapes(config),
    async compose(read) {
      const model = await buildVit(config, read);
      return composed(
        (input) => runVit(model, input, { stages: ["logits"] }),
        () => releaseVit(model),
      );
    },
    async build(read, gl, lanes, span) {
      const engine = await createWebglEncoder(config, read, { gl, tile: { lanes, span } });
      const queries = { first: 0, count: 1 };
      return {
        ...engine,
        run: async (input, rows) =>
          (await engine.run(input, rows ? { stages: stages as never, queries } : { stages: ["logits"] })).get("logits")!
            .values,
      };
    },
  };
}

function cnn(config: AttentionCnnConfig): Subject {
  return {
    image: config,
    shapes: attentionCnnParameterShapes(config),
    async compose(read) {
      const model = await buildAttentionCnn(config, read);
      return composed(
        (input) => runAttentionCnn(model, input, { stages: ["logits"] }),
        () => releaseAttentionCnn(model),
      );
    },
    async build(read, gl, lanes) {
      const engine = await createWebglCnn(config, read, { gl, targets: lanes });
      const run = async (input: HostArray, rows: boolean): Promise<Float32Array> =>
        (await engine.run(input, { stages: rows ? ["attention.weights", "logits"] : ["logits"] })).get("logits")!
          .values;
      return { ...engine, run };
    },
  };
}

const subjectOf = (name: string): Subject =>
  CNNS[name] ? cnn(CNNS[name]) : vit(VIT_PRESETS[name as keyof typeof VIT_PRESETS]);

/** Random numbers of about the size that training leaves; the same for every reader. */
function randomReader(shapes: Subject["shapes"]): Read {
  const made = new Map<string, Float32Array>();
  for (const [name, shape] of shapes) {
    const values = new Float32Array(shape.reduce((product, size) => product * size, 1));
    const scale = shape.length === 1 ? 0.02 : 1 / Math.sqrt(values.length / shape[0]!);
    const base = /norm.*weight$|running_var$/.test(name) ? 1 : 0;
    let state = name.length * 7919 + values.length;
    for (let at = 0; at < values.length; at++) {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      values[at] = base + (state / 2 ** 31 - 1) * scale * 1.7;
    }
    made.set(name, values);
  }
  return (name) => made.get(name)!;
}

const draw = ({ imageSize, channels }: Subject["image"], count: number): HostArray => {
  const shape = [count, imageSize.height, imageSize.width, channels];
  const values = Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, at) => Math.sin(at * 0.37) * 1.5);
  return { shape, values };
};

let subject: Subject;
const ways = new Map<string, Way>();
let draws = 0;

const now = async (work: () => Promise<unknown>): Promise<number> => {
  const begin = performance.now();
  await work();
  return performance.now() - begin;
};

/**
 * Starts WebGL and builds the model each way: "plain", or a name that begins with lanes × span of a tile. Tells what
 * each took until its first answer, the weights being in memory, and how far any is from the last.
 */
export async function start(model: string, names: readonly string[]) {
  await webglBackend.start(() => undefined);
  const gl = (backend() as MathBackendWebGL).gpgpu.gl as WebGL2RenderingContext;
  for (const name of ["drawArrays", "drawElements"] as const) {
    const original = gl[name].bind(gl) as (...call: unknown[]) => void;
    (gl as unknown as Record<string, unknown>)[name] = (...call: unknown[]) => {
      draws += 1;
      original(...call);
    };
  }
  subject = subjectOf(model);
  const read = randomReader(subject.shapes);
  const input = draw(subject.image, 1);
  const firstRun: Record<string, number> = {};
  const answers: Float32Array[] = [];
  for (const name of names) {
    const [lanes, span] = name.split("x").map((part) => parseInt(part)) as [number, number];
    firstRun[name] = await now(async () => {
      const way = name === "plain" ? await subject.compose(read) : await subject.build(read, gl, lanes, span);
      ways.set(name, way);
      answers.push(await way.run(input, false));
    });
  }
  const last = answers.at(-1)!;
  const error = Math.max(...answers.flatMap((answer) => [...answer].map((value, at) => Math.abs(value - last[at]!))));
  return { firstRun, error, largest: Math.max(...last.map(Math.abs)) };
}

/** Passes one way: milliseconds on the wall, draws, and bytes on the GPU. `rows`: with attention read back. */
export async function pass(name: string, count: number, rows: boolean) {
  const input = draw(subject.image, count);
  const way = ways.get(name)!;
  draws = 0;
  const milliseconds = await now(() => way.run(input, rows));
  return { milliseconds, draws, bytes: way.bytes() };
}
