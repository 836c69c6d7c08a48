import type { EncoderPlan } from "../encoder-engine.ts";
import { makeAsTheyCome } from "../make-as-they-come.ts";
import type { AwaitParameters, ParameterReader } from "../parameter-reader.ts";
import type { Dimensions } from "./dimensions.ts";
import type { Matrices, Matrix } from "../webgl/matrices.ts";
import { mixShader, statisticsShader } from "../webgl/attention-shaders.ts";
import { poolShader } from "../webgl/pool-shader.ts";
import { productShader, type ProductKind } from "../webgl/product-shader.ts";
import { programOf, type Program } from "../webgl/programs.ts";
import { normShader } from "./norm-shader.ts";
import { Weights, type Block } from "./weights.ts";

export type Programs = Readonly<
  Record<"add" | "expand" | "mix" | "norm" | "normed" | "pool" | "scores" | "statistics", Program>
> & { readonly bent: Program | null };

/** A model on the GPU. */
export type Network = {
  readonly programs: Programs;
  readonly patches: Matrix;
  readonly start: Matrix;
  readonly blocks: readonly Block[];
  readonly norm: Matrix;
  readonly pooler: Matrix | null;
  readonly head: Matrix | null;
  readonly distillationHead: Matrix | null;
  readonly patchHead: Matrix | null;
};

/** Sends all programs to the compiler at once; each is waited for by `ready`. */
export function compilePrograms({ activation, pooler }: EncoderPlan, { gl, tile, precision }: Matrices): Programs {
  const product = (kind: ProductKind): Program => programOf(gl, productShader(tile, kind));
  const float16 = precision === "float16";
  return {
    add: product({ add: true }),
    normed: product({ norm: true, float16 }),
    expand: product({ norm: true, activation, float16 }),
    scores: product({ scores: true, float16 }),
    bent: pooler ? product({ activation: "tanh" }) : null,
    statistics: programOf(gl, statisticsShader(tile)),
    mix: programOf(gl, mixShader(tile)),
    norm: programOf(gl, normShader(tile)),
    pool: programOf(gl, poolShader(tile)),
  };
}

export const allPrograms = (programs: Programs): Program[] =>
  Object.values(programs).filter((program): program is Program => program !== null);

/** Uploads the weights, one tensor at a time; `there` is awaited before every block, and before the rest. */
export async function uploadWeights(
  plan: EncoderPlan,
  sizes: Dimensions,
  matrices: Matrices,
  read: ParameterReader,
  there?: AwaitParameters,
): Promise<Omit<Network, "programs">> {
  const weights = new Weights(plan, sizes, matrices, read);
  const names = Array.from({ length: plan.layers }, (_, layer) => `encoder.layer.${layer}`);
  const blocks = await makeAsTheyCome(names, there, (name) => weights.block(name));
  await there?.([""]);
  return {
    blocks,
    patches: weights.patches(),
    start: weights.start(),
    norm: weights.norm(),
    pooler: plan.pooler ? weights.head("pooler.dense") : null,
    head: plan.classes > 0 ? weights.head("classifier", plan.distillationHead ? 0.5 : 1) : null,
    distillationHead: plan.distillationHead ? weights.head("distillation_classifier", 0.5) : null,
    patchHead: plan.patchHead ? weights.head("patch_classifier", 1, false) : null,
  };
}
