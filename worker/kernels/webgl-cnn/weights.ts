import { foldBatchNorm, readBatchNorm } from "../batch-norm.ts";
import type { CnnPlan } from "../cnn-engine.ts";
import { hostMatrix, padTo, TEXEL, type HostMatrix, type Matrices, type Matrix } from "../webgl/matrices.ts";

/** The values of one parameter by its name in `attentionCnnParameterShapes`. */
export type Read = (name: string) => Float32Array;

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

/** A weight `[outputs, inputs, …taps]` whose outputs are scaled, then shifted. */
type Kernel = {
  readonly weight: Float32Array;
  readonly scale: Float64Array;
  readonly shift: Float64Array;
};

const tapsOf = ({ weight, scale }: Kernel, inputs: number): number => weight.length / (inputs * scale.length);

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
  constructor(
    readonly plan: CnnPlan,
    readonly matrices: Matrices,
    readonly read: Read,
  ) {}

  stem(): Convolution {
    return this.#convolution("stem.conv", "stem.norm", this.plan.channels, this.plan.stem.stride);
  }

  /** The blocks of one stage. */
  *blocks(stage: number): Generator<Block> {
    const { stem, stages } = this.plan;
    const { channels, blocks, stride: begin } = stages[stage]!;
    for (let index = 0; index < blocks; index++) {
      const name = `stages.${stage}.blocks.${index}`;
      const inputs = index > 0 ? channels : (stages[stage - 1] ?? stem).channels;
      const stride = index > 0 ? 1 : begin;
      yield {
        first: this.#convolution(`${name}.conv1`, `${name}.norm1`, inputs, stride),
        second: this.#convolution(`${name}.conv2`, `${name}.norm2`, channels, 1),
        shortcut:
          stride !== 1 || inputs !== channels
            ? this.#convolution(`${name}.shortcut.conv`, `${name}.shortcut.norm`, inputs, stride)
            : null,
      };
    }
  }

  attention({ afterStage, innerChannels, scaled }: NonNullable<CnnPlan["attention"]>): Attention {
    const { channels } = this.plan.stages[afterStage]!;
    const factor = Math.LOG2E / (scaled ? Math.sqrt(innerChannels) : 1); // 2^x is what a GPU knows
    const parts = (["query", "key", "value"] as const).map((part) =>
      this.#linear(`attention.${part}`, part === "query" ? factor : 1),
    );
    return {
      queryKeyValue: this.#upload(parts, channels, 1),
      output: this.#upload([this.#linear("attention.output", this.read("attention.gamma")[0])], innerChannels, 1),
    };
  }

  head(): Convolution {
    return this.#upload([this.#linear("head")], this.plan.stages.at(-1)!.channels, 1);
  }

  #convolution(conv: string, norm: string, inputs: number, stride: number): Convolution {
    const folded = foldBatchNorm(readBatchNorm(this.read, norm, this.plan.batchNormEpsilon));
    return this.#upload([{ weight: this.read(`${conv}.weight`), ...folded }], inputs, stride);
  }

  #linear(name: string, factor = 1): Kernel {
    const shift = Float64Array.from(this.read(`${name}.bias`), (value) => value * factor);
    return { weight: this.read(`${name}.weight`), scale: shift.map(() => factor), shift };
  }

  /** Kernels of the same measures, below each other. */
  #upload(kernels: readonly Kernel[], inputs: number, stride: number): Convolution {
    const taps = tapsOf(kernels[0]!, inputs);
    const outputs = padTo(kernels[0]!.scale.length, TEXEL);
    const host = hostMatrix(outputs * kernels.length, taps * padTo(inputs, TEXEL) + TEXEL);
    kernels.forEach((kernel, at) => place(host, outputs * at, kernel, inputs));
    return { weights: this.matrices.uploadWeights(host), reach: Math.sqrt(taps), stride };
  }
}
