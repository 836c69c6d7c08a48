import type { Size } from "../../contract/geometry.ts";
import { blockShapes, strided, type BlockShape } from "../cnn-blocks.ts";
import type { CnnPlan } from "../cnn-engine.ts";
import { attentionKernels, foldedKernel, tapsOf, type Kernel } from "../cnn-kernels.ts";
import { makeAsTheyCome } from "../make-as-they-come.ts";
import type { AwaitParameters, ParameterReader } from "../parameter-reader.ts";
import { ACTIVATIONS } from "../wasm/activations.ts";
import { Placer, type PlacedLinear } from "../wasm-encoder/place-parameters.ts";
import { filled } from "../wasm/rows.ts";
import type { Machine } from "../wasm/wasm-engine.ts";
import type { Convolution } from "./lay-out-convolution.ts";
import { isWorthTiles, winogradKernel } from "./winograd.ts";

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

  /** Its inputs are as they come, without what would fill them up. */
  stem(): Convolution {
    const { channels, stem } = this.plan;
    return { ...this.#place([this.#folded("stem")], channels, channels), stride: stem.stride };
  }

  /** `map`: what the block makes. */
  block(name: string, { inputs, outputs, stride, projected }: BlockShape, map: Size): PlacedBlock {
    const convolution = (number: string, inputs: number, stride: number): Convolution => {
      const kernel = this.#folded(name, number);
      if (stride !== 1 || !isWorthTiles(inputs, outputs, map)) {
        return { ...this.#place([kernel], inputs, filled(inputs)), stride };
      }
      const placed = this.#place([winogradKernel(kernel)], inputs, filled(inputs));
      return { ...placed, algorithm: "winograd", size: 3 };
    };
    const shortcut = (): Convolution => {
      const placed = this.#place([this.#folded(`${name}.shortcut`)], inputs, filled(inputs));
      return { ...placed, stride, activation: 0 };
    };
    return {
      first: convolution("1", inputs, stride),
      second: convolution("2", outputs, 1),
      shortcut: projected ? shortcut() : null,
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

  /** A convolution and the batch normalisation behind it. */
  #folded(name: string, number = ""): Kernel {
    return foldedKernel(this.read, `${name}.conv${number}`, `${name}.norm${number}`, this.plan.batchNormEpsilon);
  }

  /**
   * Kernels of the same inputs, one beside the other; what fills inputs and outputs up is zeros. `inputs` of a position are
   * `apart` floats.
   */
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
    return { algorithm: "direct", size: Math.sqrt(taps), stride: 1, inputs: apart, outputs, placed, activation };
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
  let map = strided(plan.imageSize, plan.stem.stride);
  for (const [stage, { stride }] of plan.stages.entries()) {
    map = strided(map, stride);
    const shapes = blockShapes(plan, stage);
    const names = shapes.map((_, block) => `stages.${stage}.blocks.${block}`);
    stages.push(await makeAsTheyCome(names, there, (name, block) => placer.block(name, shapes[block]!, map)));
  }
  await there?.([""]);
  return {
    stem: placer.stem(),
    stages,
    attention: plan.attention && placer.attention(plan.attention),
    head: plan.classes > 0 ? placer.head() : null,
  };
}
