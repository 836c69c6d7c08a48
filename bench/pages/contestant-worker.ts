/** One way to run one model, in a worker as our library has it; see measure/open-contestant.ts for the other end. */
import { expose } from "comlink";
import type { HostArray } from "../../worker/contract/forward.ts";
import { elementCount } from "../../worker/contract/host-tensor.ts";
import { createRandom } from "../../worker/contract/random.ts";
import { channelsLast, type Contestant, type Extent, type ModelAddress, type Way } from "./ways/contestant.ts";

let contestant: Contestant;
let draws = 0;

const methods = WebGL2RenderingContext.prototype as unknown as Record<string, (...call: unknown[]) => void>;
for (const name of ["drawArrays", "drawElements"]) {
  const original = methods[name]!;
  methods[name] = function (this: unknown, ...call) {
    draws += 1;
    original.apply(this, call);
  };
}

/** Reads what a way takes; what it returns builds the model. Ways are loaded alone, so that none pays for another. */
async function prepare(way: Way, model: ModelAddress): Promise<() => Promise<Contestant>> {
  if (way.by === "onnxruntime-web") {
    const { onOnnxRuntime, readOnnx } = await import("./ways/onnxruntime.ts");
    const bytes = await readOnnx(model);
    return () => onOnnxRuntime(bytes, way);
  }
  const { fetchFolder, readModel } = await import("./ways/open-model.ts");
  if (way.by === "session") {
    const { inSession } = await import("./ways/in-session.ts");
    const folder = await fetchFolder(model);
    return () => inSession(folder, way);
  }
  const { onEngine } = await import("./ways/on-engine.ts");
  const { composed } = await import("./ways/composed.ts");
  const read = await readModel(model);
  return () => (way.by === "engine" ? onEngine(read, way) : composed(read, way));
}

const drawn = new Map<number, HostArray>(); // by batch

/** The same for all: uniform in −2…2, laid out as the contestant wants it. `shape` `[B, C, height, width]` */
function drawImages(shape: readonly number[]): HostArray {
  const known = drawn.get(shape[0]!);
  if (known) return known;
  const random = createRandom(2);
  const images = { shape, values: Float32Array.from({ length: elementCount(shape) }, () => 4 * random() - 2) };
  const laidOut = contestant.wantsChannelsLast ? channelsLast(images) : images;
  drawn.set(shape[0]!, laidOut);
  return laidOut;
}

const api = {
  /** Builds a model, its weights being in memory; `firstRun`: milliseconds until its first answer. */
  async start(way: Way, model: ModelAddress, shape: readonly number[]) {
    const build = await prepare(way, model);
    const begin = performance.now();
    contestant = await build();
    const logits = await contestant.run(drawImages(shape), "logits");
    return { firstRun: performance.now() - begin, logits: [...logits] };
  },
  async run(shape: readonly number[], extent: Extent) {
    const images = drawImages(shape);
    draws = 0;
    const begin = performance.now();
    await contestant.run(images, extent);
    return { milliseconds: performance.now() - begin, draws, bytes: contestant.bytes() };
  },
};

export type ContestantApi = typeof api;

expose(api);
