/**
 * A CNN with self-attention as a few WebGL2 programs: two draws a residual block, all in one layout, nothing repacked
 * between image and logits.
 *
 * A map's positions are the rows of a matrix, with a zero behind each row of the map: so a tap of a kernel is the same
 * way off for every position, and a fragment, which owns eight of them in a row, reads their neighbours once for three
 * taps. What stands above and below a map is read where its zeros are.
 *
 * It draws in the context of tfjs, as the engine of Vision Transformers does.
 */
import type { HostArray } from "../../contract/forward.ts";
import type { CnnEngine, CnnEngineStage, CnnPlan } from "../cnn-engine.ts";
import type { EngineRun } from "../engine.ts";
import type { ParameterReader } from "../parameter-reader.ts";
import { Matrices, mostTargets, TEXEL } from "../webgl/matrices.ts";
import { openEngine, type WebglEngineOptions } from "../webgl/open-engine.ts";
import { drawOneTile } from "../webgl/programs.ts";
import { ReadBack } from "../webgl/read-back.ts";
import { runInParts } from "../webgl/run-in-parts.ts";
import { makeActivations, mostImages, type Activations } from "./activations.ts";
import { Asked } from "./asked.ts";
import { measureCnn, type Dimensions } from "./dimensions.ts";
import { Forward } from "./forward.ts";
import { placeImages } from "./maps.ts";
import { allPrograms, compilePrograms, uploadWeights, type Network } from "./network.ts";
import { Weights } from "./weights.ts";

type WebglCnnOptions = WebglEngineOptions & {
  /** Render targets: 4 or 8, where the GPU has them, which is the default. */
  readonly targets?: number | undefined;
};

/**
 * Puts a model that `supportsWebglCnn` takes on the GPU. Throws `context-lost`; whatever is thrown, nothing is left
 * there. The caller ends it with `release`.
 */
export async function createWebglCnn(
  plan: CnnPlan,
  read: ParameterReader,
  { gl, there, targets = mostTargets(gl), precision = "float32" }: WebglCnnOptions,
): Promise<CnnEngine> {
  const tile = { lanes: targets, span: TEXEL };
  const sizes = measureCnn(plan, tile);
  const matrices = new Matrices(gl, tile, precision);
  const programs = compilePrograms(plan, matrices);
  return openEngine(matrices, allPrograms(programs), async () => {
    const weights = await uploadWeights(plan, new Weights(plan, matrices, read), there);
    return new Runs(plan, sizes, matrices, { ...weights, programs });
  });
}

type Answers = Map<CnnEngineStage, HostArray>;

/** Forward passes, one after another, over one set of activations. */
class Runs {
  #made: Activations | null = null;
  readonly #most: number;

  constructor(
    readonly plan: CnnPlan,
    readonly sizes: Dimensions,
    readonly matrices: Matrices,
    readonly network: Network,
  ) {
    this.#most = mostImages(matrices.gl, sizes);
  }

  run(images: HostArray, { stages, pause }: EngineRun<CnnEngineStage>): Promise<Answers> {
    return runInParts(this.plan, images, this.#most, async (part, count) => {
      const made = this.#room(count);
      const { image, tile } = this.sizes;
      placeImages(part, image, image.tall * tile.lanes, made.pixels);
      this.matrices.refill(made.image, made.pixels);
      const asked = new Asked(new ReadBack(this.matrices.gl, tile), stages, count, tile.lanes);
      try {
        await this.#pass(made, asked, pause);
        return await asked.finish();
      } finally {
        asked.readBack.release();
      }
    });
  }

  /** Every draw of a pass over one image, a tile of each. */
  warmUp(): void {
    const { sizes, network } = this;
    const made = this.#room(1);
    const forward = new Forward(sizes, network, made, 1, drawOneTile);
    forward.stem();
    for (const [index, { blocks, attention }] of network.stages.entries()) {
      const room = made.stages[index]!;
      for (const block of blocks) forward.block(room, block);
      if (attention) forward.attend(room, attention);
    }
    forward.answer();
  }

  async #pass(made: Activations, asked: Asked, pause: EngineRun<CnnEngineStage>["pause"]): Promise<void> {
    const { sizes, network } = this;
    const forward = new Forward(sizes, network, made, asked.images);
    forward.stem();
    asked.map("stem", forward.map);
    for (const [index, { blocks, attention }] of network.stages.entries()) {
      if (!asked.wantsMore()) return;
      const room = made.stages[index]!;
      for (const block of blocks) {
        await pause?.();
        forward.block(room, block);
      }
      asked.map(`stages.${index}`, forward.map);
      if (!attention || !asked.wantsMore()) continue;
      await pause?.();
      forward.attend(room, attention);
      asked.weights(made.attention!.scores, sizes.attended!);
      asked.map("attention.output", forward.map);
    }
    asked.map("features", forward.map);
    if (!asked.wantsMore()) return;
    await pause?.();
    forward.answer();
    asked.answer("pooled", made.pooled, sizes.stages.at(-1)!.channels);
    asked.answer("logits", made.logits, this.plan.classes);
  }

  /** Activations for at least so many images. */
  #room(images: number): Activations {
    if (this.#made && this.#made.images >= images) return this.#made;
    const before = this.#made;
    this.#made = null; // also where there is no room for more
    if (before) this.matrices.free(...before.all);
    return (this.#made = this.matrices.together(() => makeActivations(this.matrices, this.plan, this.sizes, images)));
  }
}
