/**
 * A Vision Transformer as a few WebGL2 programs: seven draws a block, all in one layout (`Matrix`), nothing repacked
 * between patches and logits.
 *
 * The residual stream is kept without its rows' means, which stand in a column of their own: whatever is added to it has
 * had its mean over columns taken out of weights and biases as they were loaded. So a LayerNorm is a division by
 * √(Σx² / D + ε), done by the product behind it, and nothing cancels however far a row's mean is from 0.
 *
 * It draws in the context of tfjs, which sets all the state it needs before each draw of its own: one loss to listen
 * for, one fence and one list of errors for the device's queue.
 */
import { VisionError } from "../../contract/errors.ts";
import type { EncoderEngine, EncoderPlan, EncoderRun, EncoderStage } from "../encoder-engine.ts";
import type { EngineArray } from "../engine.ts";
import { makeActivations, matricesOf, mostImages, type Activations } from "./activations.ts";
import { cutPatches } from "./cut-patches.ts";
import { measurePlan, type Dimensions } from "./dimensions.ts";
import { Forward } from "./forward.ts";
import { widestSpan, Matrices, type Matrix } from "./matrices.ts";
import { allPrograms, compilePrograms, uploadWeights, type Network } from "./network.ts";
import { ReadBack, type Rows } from "./read-back.ts";
import { firstColumns, joinMeans, softmaxRows } from "./stages.ts";
import type { Read } from "./weights.ts";

export type WebglEncoderOptions = {
  readonly gl: WebGL2RenderingContext; // with EXT_color_buffer_float
  /** Awaited after every block of weights; throw from it to stop. */
  readonly pause?: (() => Promise<void>) | undefined;
  /** Render targets: 4 or 8, where the GPU has them, which is the default. */
  readonly span?: number | undefined;
};

/**
 * Puts a model that `supportsWebglEncoder` takes on the GPU. Throws `context-lost`; whatever is thrown, nothing is left
 * there. The caller ends it with `release`.
 */
export async function createWebglEncoder(
  plan: EncoderPlan,
  read: Read,
  { gl, pause, span = widestSpan(gl) }: WebglEncoderOptions,
): Promise<EncoderEngine> {
  const sizes = measurePlan(plan, span);
  const matrices = new Matrices(gl, span);
  const programs = compilePrograms(gl, plan, span);
  const release = (): void => {
    matrices.freeAll();
    for (const program of allPrograms(programs)) program.release();
  };
  try {
    const weights = await uploadWeights(plan, sizes, matrices, read, pause);
    for (const program of allPrograms(programs)) await program.ready();
    if (gl.isContextLost()) throw new VisionError("context-lost", "The GPU went away while a model was loaded.");
    let runs: Runs | null = new Runs(plan, sizes, matrices, { ...weights, programs });
    return {
      run: async (images, run) => {
        if (runs) return runs.run(images, run);
        throw new VisionError("disposed", "The model has been released.");
      },
      bytes: () => matrices.bytes,
      release: () => {
        runs = null;
        release();
      },
    };
  } catch (error) {
    release();
    throw error;
  }
}

type Answers = Map<EncoderStage, EngineArray>;

/** What a stage's numbers are made of, once they are read. */
type Wanted = {
  readonly stage: EncoderStage;
  readonly at: number;
  readonly shape: (rows: Float32Array) => EngineArray;
};

const BLOCK_STAGE = /^blocks\.(\d+)\./;

/** Forward passes, one after another, over one set of activations. */
class Runs {
  #made: Activations | null = null;
  readonly #most: number;

  constructor(
    readonly plan: EncoderPlan,
    readonly sizes: Dimensions,
    readonly matrices: Matrices,
    readonly network: Network,
  ) {
    this.#most = mostImages(matrices.gl, plan, sizes);
  }

  async run({ shape, values }: EngineArray, run: EncoderRun): Promise<Answers> {
    expectImages(this.plan, shape);
    const images = shape[0]!;
    const size = values.length / images;
    const parts: Answers[] = [];
    for (let at = 0; at < images; at += this.#most) {
      const count = Math.min(this.#most, images - at);
      parts.push(await this.#pass(values.subarray(at * size, (at + count) * size), count, run));
    }
    return parts.length === 1 ? parts[0]! : joinImages(parts);
  }

  async #pass(images: Float32Array, count: number, { stages, queries, pause }: EncoderRun): Promise<Answers> {
    const { plan, sizes, network, matrices } = this;
    const made = this.#room(count);
    cutPatches(images, plan, sizes, made.pixels.values);
    matrices.refill(made.patches, made.pixels);
    const forward = new Forward(plan, sizes, network, made, count, stages.some(this.#isStream));
    const readBack = new ReadBack(matrices.gl, sizes.span);
    const wanted: Wanted[] = [];
    const keep = (stage: EncoderStage): void => {
      if (stages.includes(stage)) wanted.push(this.#ask(readBack, made, stage, count, queries));
    };
    const last = lastBlock(stages, plan.layers);
    try {
      forward.embed();
      keep("tokens");
      for (let layer = 0; layer < last; layer++) {
        await pause?.();
        forward.block(network.blocks[layer]!);
        keep(`blocks.${layer}.attention`);
        keep(`blocks.${layer}.output`);
      }
      await pause?.();
      if (ANSWERS.some((stage) => stages.includes(stage))) forward.readOut();
      for (const stage of ANSWERS) keep(stage);
      const rows = await readBack.finish();
      return new Map(wanted.map(({ stage, at, shape }) => [stage, shape(rows[at]!)]));
    } finally {
      readBack.release();
    }
  }

  #ask(
    readBack: ReadBack,
    made: Activations,
    stage: EncoderStage,
    images: number,
    queries: EncoderRun["queries"],
  ): Wanted {
    const { plan, sizes } = this;
    const { tokens, seats } = sizes;
    const all: Rows = { images, seats, first: 0, count: tokens };
    const each: Rows = { images: 1, seats: 0, first: 0, count: images };
    const answer = (matrix: Matrix, columns: number): Wanted => {
      const shape = (rows: Float32Array): EngineArray => ({
        shape: [images, columns],
        values: firstColumns(rows, matrix.across * sizes.span, columns),
      });
      return { stage, at: readBack.pull(matrix, each), shape };
    };
    if (stage.endsWith(".attention")) {
      const { first, count } = queries ?? all;
      const at = readBack.pull(made.scores, { images, seats, first, count });
      return { stage, at, shape: (rows) => softmaxRows(rows, count, plan, sizes) };
    }
    if (stage === "pooled") return answer(made.pooled, plan.hiddenSize);
    if (stage === "pooler_output") return answer(made.bent, plan.hiddenSize);
    if (stage === "logits") return answer(made.logits, plan.classes);
    if (this.#isStream(stage))
      return { stage, at: readBack.pull(made.stream, all), shape: (rows) => joinMeans(rows, plan, sizes) };
    const shape = (rows: Float32Array): EngineArray => ({
      shape: [images, tokens, plan.hiddenSize],
      values: firstColumns(rows, sizes.width, plan.hiddenSize),
    });
    return { stage, at: readBack.pull(made.encoded, all), shape };
  }

  /** Stages that are the residual stream as it is. */
  readonly #isStream = (stage: EncoderStage): boolean =>
    stage === "tokens" || stage.endsWith(".output") || (stage === "encoded" && this.plan.finalNorm === "pooled");

  /** Activations for at least so many images. */
  #room(images: number): Activations {
    if (this.#made && this.#made.images >= images) return this.#made;
    if (this.#made) this.matrices.free(...matricesOf(this.#made));
    return (this.#made = makeActivations(this.matrices, this.plan, this.sizes, images));
  }
}

const ANSWERS = ["encoded", "pooled", "pooler_output", "logits"] as const satisfies EncoderStage[];

function expectImages({ imageSize, channels }: EncoderPlan, shape: readonly number[]): void {
  const wanted = `${imageSize.height}, ${imageSize.width}, ${channels}`;
  if (shape.length === 4 && shape.slice(1).join(", ") === wanted) return;
  throw new VisionError("input-shape", `images: expected [*, ${wanted}], got [${shape.join(", ")}]`);
}

/** How many blocks the wanted stages need. */
const lastBlock = (stages: readonly EncoderStage[], layers: number): number =>
  Math.max(
    0,
    ...stages.map((stage) => {
      const block = BLOCK_STAGE.exec(stage)?.[1];
      if (block !== undefined) return Number(block) + 1;
      return stage === "tokens" ? 0 : layers;
    }),
  );

/** The same stages of some images and of those behind them. */
function joinImages(parts: readonly Answers[]): Answers {
  const joined: Answers = new Map();
  for (const stage of parts[0]!.keys()) {
    const arrays = parts.map((part) => part.get(stage)!);
    const values = new Float32Array(arrays.reduce((sum, array) => sum + array.values.length, 0));
    arrays.reduce((at, array) => (values.set(array.values, at), at + array.values.length), 0);
    const images = arrays.reduce((sum, { shape }) => sum + shape[0]!, 0);
    joined.set(stage, { shape: [images, ...arrays[0]!.shape.slice(1)], values });
  }
  return joined;
}
