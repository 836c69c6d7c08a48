import type { BlockShape } from "../cnn-blocks.ts";
import type { CnnPlan } from "../cnn-engine.ts";
import { attentionKernels, foldedKernel, linearKernel, tapsOf, type Kernel } from "../cnn-kernels.ts";
import type { ParameterReader } from "../parameter-reader.ts";
import { padTo, TEXEL, type HostMatrix, type Matrices, type Matrix } from "../webgl/matrices.ts";
import { WeightLoader } from "../webgl/weight-loader.ts";

/** A convolution, or with a reach of 1 a product. */
export type Convolution = {
  readonly weights: Matrix;
  readonly reach: number; // positions along a side of its kernel
  readonly stride: number;
};

export type Block = {
  readonly first: Convolution;
  readonly second: Convolution;
  readonly shortcut: Convolution | null;
};

export type Attention = {
  readonly queryKeyValue: Convolution;
  readonly output: Convolution;
};

/** Kernel → rows of B from `first` on, one for each output: its inputs tap by tap, then its bias. */
function place({ values, columns }: HostMatrix, first: number, kernel: Kernel, inputs: number): void {
  const { weight, scale, shift } = kernel;
  const taps = tapsOf(kernel, inputs);
  const apart = padTo(inputs, TEXEL);
  for (let output = 0, from = 0; output < scale.length; output++) {
    const to = (first + output) * columns;
    for (let input = 0; input < inputs; input++)
      for (let tap = 0; tap < taps; tap++) values[to + tap * apart + input] = weight[from++]! * scale[output]!;
    values[to + taps * apart] = shift[output]!;
  }
}

/** Uploads a model's parameters, one after another, batch normalisation folded into its convolutions. */
export class Weights {
  readonly #loader: WeightLoader;

  constructor(
    readonly plan: CnnPlan,
    matrices: Matrices,
    readonly read: ParameterReader,
  ) {
    this.#loader = new WeightLoader(matrices);
  }

  stem(): Convolution {
    return this.#convolution("stem.conv", "stem.norm", this.plan.channels, this.plan.stem.stride);
  }

  block(name: string, { inputs, outputs, stride, projected }: BlockShape): Block {
    return {
      first: this.#convolution(`${name}.conv1`, `${name}.norm1`, inputs, stride),
      second: this.#convolution(`${name}.conv2`, `${name}.norm2`, outputs, 1),
      shortcut: projected ? this.#convolution(`${name}.shortcut.conv`, `${name}.shortcut.norm`, inputs, stride) : null,
    };
  }

  attention(attention: NonNullable<CnnPlan["attention"]>): Attention {
    const { channels } = this.plan.stages[attention.afterStage]!;
    const { parts, output } = attentionKernels(this.read, attention, Math.LOG2E); // 2^x is what a GPU knows
    return {
      queryKeyValue: this.#upload(parts, channels, 1),
      output: this.#upload([output], attention.innerChannels, 1),
    };
  }

  head(): Convolution {
    return this.#upload([linearKernel(this.read, "head")], this.plan.stages.at(-1)!.channels, 1);
  }

  #convolution(conv: string, norm: string, inputs: number, stride: number): Convolution {
    return this.#upload([foldedKernel(this.read, conv, norm, this.plan.batchNormEpsilon)], inputs, stride);
  }

  /** Kernels of the same measures, below each other. */
  #upload(kernels: readonly Kernel[], inputs: number, stride: number): Convolution {
    const taps = tapsOf(kernels[0]!, inputs);
    const outputs = padTo(kernels[0]!.scale.length, TEXEL);
    const host = this.#loader.host(outputs * kernels.length, taps * padTo(inputs, TEXEL) + TEXEL);
    kernels.forEach((kernel, at) => place(host, outputs * at, kernel, inputs));
    return { weights: this.#loader.upload(host), reach: Math.sqrt(taps), stride };
  }
}
