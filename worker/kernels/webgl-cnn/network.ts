import { blockShapes } from "../cnn-blocks.ts";
import type { CnnPlan } from "../cnn-engine.ts";
import { makeAsTheyCome } from "../make-as-they-come.ts";
import type { AwaitParameters } from "../parameter-reader.ts";
import { mixShader, statisticsShader } from "../webgl/attention-shaders.ts";
import type { Matrices } from "../webgl/matrices.ts";
import { poolShader } from "../webgl/pool-shader.ts";
import { productShader } from "../webgl/product-shader.ts";
import { programOf, type Program } from "../webgl/programs.ts";
import { farShader, nearShader } from "./shaders.ts";
import type { Attention, Block, Convolution, Weights } from "./weights.ts";

export type Programs = Readonly<Record<"near" | "far" | "pool", Program>> & {
  readonly attention: Readonly<Record<"scores" | "statistics" | "mix", Program>> | null;
};

export type Stage = { readonly blocks: readonly Block[]; readonly attention: Attention | null };

/** A model on the GPU. */
export type Network = {
  readonly programs: Programs;
  readonly stem: Convolution;
  readonly stages: readonly Stage[];
  readonly head: Convolution | null;
};

/** Sends all programs to the compiler at once; each is waited for by `ready`. */
export function compilePrograms(plan: CnnPlan, { gl, tile, precision }: Matrices): Programs {
  const float16 = precision === "float16";
  const program = (source: string): Program => programOf(gl, source);
  return {
    near: program(nearShader(tile, plan.activation, float16)),
    far: program(farShader(tile, plan.activation, float16)),
    pool: program(poolShader(tile)),
    attention: plan.attention && {
      scores: program(productShader(tile, { scores: true, float16 })),
      statistics: program(statisticsShader(tile)),
      mix: program(mixShader(tile)),
    },
  };
}

export const allPrograms = ({ attention, ...others }: Programs): Program[] => [
  ...Object.values(others),
  ...Object.values(attention ?? {}),
];

/** Uploads the weights, one tensor at a time; `there` is awaited before every block, and before the rest. */
export async function uploadWeights(
  plan: CnnPlan,
  weights: Weights,
  there?: AwaitParameters,
): Promise<Omit<Network, "programs">> {
  const stages: Block[][] = [];
  for (const stage of plan.stages.keys()) {
    const shapes = blockShapes(plan, stage);
    const names = shapes.map((_, block) => `stages.${stage}.blocks.${block}`);
    stages.push(await makeAsTheyCome(names, there, (name, block) => weights.block(name, shapes[block]!)));
  }
  await there?.([""]);
  const attention = plan.attention && weights.attention(plan.attention);
  return {
    stem: weights.stem(),
    stages: stages.map((blocks, stage) => ({
      blocks,
      attention: plan.attention?.afterStage === stage ? attention : null,
    })),
    head: plan.classes > 0 ? weights.head() : null,
  };
}
