import { blockShapes, type BlockShape } from "../cnn-blocks.ts";
import type { CnnPlan } from "../cnn-engine.ts";
import { attentionKernels, foldedKernel, tapsOf, type Kernel } from "../cnn-kernels.ts";
import { makeAsTheyCome } from "../make-as-they-come.ts";
import type { AwaitParameters, ParameterReader } from "../parameter-reader.ts";
import { ACTIVATIONS } from "../wasm-encoder/activations.ts";
import { Placer, type PlacedLinear } from "../wasm-encoder/place-parameters.ts";
import { filled } from "../wasm-encoder/rows.ts";
import type { Machine } from "../wasm-encoder/wasm-engine.ts";
import type { Convolution } from "./lay-out-convolution.ts";

/** The convolutions of a residual block (models/attention-cnn). */
export type PlacedBlock = {
  readonly first: Convolution;
  readonly second: Convolution;
  readonly shortcut: Convolution | null;
};

export type PlacedAttention = { readonly queryKeyValue: Convolution; readonly output: Convolution };

/** All that a CNN has learnt, in memory. */
export type PlacedCnn = {
  readonly stem: Convolution;
  readonly stages: readonly (readonly PlacedBlock[])[];
  readonly attention: PlacedAttention | null;
  readonly head: PlacedLinear | null;
};

class CnnPlacer {
  readonly #placer: Placer;

  constructor(
    readonly plan: CnnPlan,
    readonly read: ParameterReader,
    { kernels, memory }: Machine,
  ) {
    this.#placer = new Placer(kernels, memory, read);
  }

  /** A convolution and the batch normalisation behind it, folded. `inputs` of a position are `apart` floats. */
  convolution(name: string, number: string, inputs: number, stride: number, apart = filled(inputs)): Convolution {
    const { batchNormEpsilon } = this.plan;
    const kernel = foldedKernel(this.read, `${name}.conv${number}`, `${name}.norm${number}`, batchNormEpsilon);
    return { ...this.#place([kernel], inputs, apart), stride };
  }

  block(name: string, { inputs, outputs, stride, projected }: BlockShape): PlacedBlock {
    return {
      first: this.convolution(name, "1", inputs, stride),
      second: this.convolution(name, "2", outputs, 1),
      shortcut: projected ? { ...this.convolution(`${name}.shortcut`, "", inputs, stride), activation: 0 } : null,
    };
  }

  attention(attention: NonNullable<CnnPlan["attention"]>): PlacedAttention {
    const { channels } = this.plan.stages[attention.afterStage]!;
    const { innerChannels } = attention;
    const { parts, output } = attentionKernels(this.read, attention);
    return {
      queryKeyValue: { ...this.#place(parts, channels, filled(channels)), activation: 0 },
      output: { ...this.#place([output], innerChannels, innerChannels), activation: 0 },
    };
  }

  head(): PlacedLinear {
    return this.#placer.linear("head", this.plan.stages.at(-1)!.channels);
  }

  /** Kernels of the same inputs, one beside the other; what fills inputs and outputs up is zeros. */
  #place(kernels: readonly Kernel[], inputs: number, apart: number): Convolution {
    const outputs = kernels.reduce((sum, { scale }) => sum + scale.length, 0);
    const taps = tapsOf(kernels[0]!, inputs);
    const depth = taps * apart;
    const rows = new Float32Array(filled(outputs) * depth);
    const bias = new Float32Array(filled(outputs));
    let row = 0;
    for (const { weight, scale, shift } of kernels) {
      bias.set(shift, row);
      let from = 0;
      for (const factor of scale) {
        for (let input = 0; input < inputs; input++)
          for (let tap = 0; tap < taps; tap++) rows[row * depth + tap * apart + input] = weight[from++]! * factor;
        row++;
      }
    }
    const placed = { kernel: this.#placer.matrix([rows], depth), bias: this.#placer.vector(bias) };
    const activation = ACTIVATIONS[this.plan.activation]!;
    return { size: Math.sqrt(taps), stride: 1, inputs: apart, outputs, placed, activation };
  }
}

/**
 * Packs a model's parameters into memory, one after another. `there` is awaited before every block, and before the rest.
 */
export async function placeConvolutions(
  plan: CnnPlan,
  read: ParameterReader,
  machine: Machine,
  there?: AwaitParameters,
): Promise<PlacedCnn> {
  const placer = new CnnPlacer(plan, read, machine);
  const stages: PlacedBlock[][] = [];
  for (const stage of plan.stages.keys()) {
    const shapes = blockShapes(plan, stage);
    const names = shapes.map((_, block) => `stages.${stage}.blocks.${block}`);
    stages.push(await makeAsTheyCome(names, there, (name, block) => placer.block(name, shapes[block]!)));
  }
  await there?.([""]);
  return {
    stem: placer.convolution("stem", "", plan.channels, plan.stem.stride, plan.channels),
    stages,
    attention: plan.attention && placer.attention(plan.attention),
    head: plan.classes > 0 ? placer.head() : null,
  };
}
