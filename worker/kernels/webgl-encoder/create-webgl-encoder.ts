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
import type { HostArray } from "../../contract/forward.ts";
import type { EncoderEngine, EncoderPlan, EncoderRun, EncoderStage } from "../encoder-engine.ts";
import { blocksFor, isInBlocks, reachOf } from "../encoder-reach.ts";
import type { ParameterReader } from "../parameter-reader.ts";
import { firstColumns, softmaxRows } from "../webgl/arrange-rows.ts";
import { Matrices, type Matrix, type Tile } from "../webgl/matrices.ts";
import { openEngine, type WebglEngineOptions } from "../webgl/open-engine.ts";
import { drawOneTile } from "../webgl/programs.ts";
import { ReadBack, type Rows } from "../webgl/read-back.ts";
import { runInParts } from "../webgl/run-in-parts.ts";
import { makeActivations, matricesOf, mostImages, type Activations } from "./activations.ts";
import { cutPatches } from "./cut-patches.ts";
import { encoderTile, measurePlan, type Dimensions } from "./dimensions.ts";
import { Forward } from "./forward.ts";
import { allPrograms, compilePrograms, uploadWeights, type Network } from "./network.ts";
import { joinMeans } from "./join-means.ts";

type WebglEncoderOptions = WebglEngineOptions & {
  /** What one fragment writes; by default four rows, and as many columns as the GPU has render targets. */
  readonly tile?: Tile | undefined;
};

/**
 * Puts a model that `supportsWebglEncoder` takes on the GPU. Throws `context-lost`; whatever is thrown, nothing is left
 * there. The caller ends it with `release`.
 */
export async function createWebglEncoder(
  plan: EncoderPlan,
  read: ParameterReader,
  { gl, there, tile = encoderTile(gl), precision = "float32" }: WebglEncoderOptions,
): Promise<EncoderEngine> {
  const sizes = measurePlan(plan, tile);
  const matrices = new Matrices(gl, tile, precision);
  const programs = compilePrograms(plan, matrices);
  return openEngine(matrices, allPrograms(programs), async () => {
    const weights = await uploadWeights(plan, sizes, matrices, read, there);
    return new Runs(plan, sizes, matrices, { ...weights, programs });
  });
}

type Answers = Map<EncoderStage, HostArray>;

/** What a stage's numbers are made of, once they are read. */
type Wanted = {
  readonly stage: EncoderStage;
  readonly at: number;
  readonly shape: (rows: Float32Array) => HostArray;
};

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

  run(images: HostArray, run: EncoderRun): Promise<Answers> {
    return runInParts(this.plan, images, this.#most, (part, count) => this.#pass(part, count, run));
  }

  /** Every draw of a pass over one image, a tile of each. */
  warmUp(): void {
    const { plan, sizes, network } = this;
    const forward = new Forward(plan, sizes, network, this.#room(1), 1, true, drawOneTile);
    forward.embed();
    for (const block of network.blocks) forward.block(block, sizes.tokens);
    forward.readOut();
  }

  async #pass(images: Float32Array, count: number, run: EncoderRun): Promise<Answers> {
    const { plan, sizes, network, matrices } = this;
    const { stages, queries, pause } = run;
    const made = this.#room(count);
    cutPatches(images, plan, sizes, made.pixels.values);
    matrices.refill(made.patches, made.pixels);
    const forward = new Forward(plan, sizes, network, made, count, stages.some(this.#isStream));
    const readBack = new ReadBack(matrices.gl, sizes);
    const wanted: Wanted[] = [];
    const blocks = blocksFor(run, plan);
    const keep = (stage: EncoderStage): void => {
      if (stages.includes(stage)) wanted.push(this.#ask(readBack, made, stage, count, queries));
    };
    try {
      forward.embed();
      keep("tokens");
      for (let layer = 0; layer < blocks; layer++) {
        await pause?.();
        forward.block(network.blocks[layer]!, reachOf(layer, run, plan, sizes));
        keep(`blocks.${layer}.attention`);
        keep(`blocks.${layer}.output`);
      }
      await pause?.();
      if (!stages.every(isInBlocks)) forward.readOut();
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
      const shape = (rows: Float32Array): HostArray => ({
        shape: [images, columns],
        values: firstColumns(rows, matrix.across * sizes.span, columns),
      });
      return { stage, at: readBack.pull(matrix, each), shape };
    };
    if (stage.endsWith(".attention")) {
      const { first, count } = queries ?? all;
      const at = readBack.pull(made.scores, { images, seats, first, count });
      return { stage, at, shape: (rows) => softmaxRows(rows, count, { ...sizes, heads: plan.heads }) };
    }
    if (stage === "pooled") return answer(made.pooled, plan.hiddenSize);
    if (stage === "pooler_output") return answer(made.bent, plan.hiddenSize);
    if (stage === "logits") return answer(made.logits, plan.classes);
    if (this.#isStream(stage))
      return { stage, at: readBack.pull(made.stream, all), shape: (rows) => joinMeans(rows, plan, sizes) };
    const shape = (rows: Float32Array): HostArray => ({
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
    const before = this.#made;
    this.#made = null; // also where there is no room for more
    if (before) this.matrices.free(...matricesOf(before));
    return (this.#made = this.matrices.together(() => makeActivations(this.matrices, this.plan, this.sizes, images)));
  }
}

const ANSWERS = ["encoded", "pooled", "pooler_output", "logits"] as const satisfies EncoderStage[];
