import type { EncoderPlan } from "../encoder-engine.ts";
import type { ParameterReader } from "../parameter-reader.ts";
import { prefixNames } from "../prefix-tokens.ts";
import type { Dimensions } from "./dimensions.ts";
import { hostMatrix, padTo, type HostMatrix, type Matrices, type Matrix } from "../webgl/matrices.ts";
import { WeightLoader } from "../webgl/weight-loader.ts";

export type Block = {
  readonly queryKeyValue: Matrix;
  readonly output: Matrix;
  readonly expand: Matrix;
  readonly contract: Matrix;
};

type Norm = { readonly scale: Float32Array; readonly shift: Float32Array };

type Placing = {
  readonly first?: number; // row of the first output
  readonly outputParts?: number; // heads, each of which begins with a tile of its own
  readonly inputParts?: number;
  readonly norm?: Norm; // in front of the product: scales its columns, and its shift joins the bias
  readonly factor?: number;
};

/** Takes from the first `count` rows their mean, column by column, and makes it row `meanAt`. */
function centre({ values, columns }: HostMatrix, count: number, meanAt: number): void {
  const means = new Float64Array(columns);
  for (let at = 0; at < count * columns; at++) means[at % columns]! += values[at]!;
  for (let column = 0; column < columns; column++) means[column]! /= count;
  for (let at = 0; at < count * columns; at++) values[at]! -= means[at % columns]!;
  values.set(means, meanAt * columns);
}

/** Uploads a model's parameters, one after another, in the form in which the programs take them. */
export class Weights {
  readonly #loader: WeightLoader;

  constructor(
    readonly plan: EncoderPlan,
    readonly sizes: Dimensions,
    readonly matrices: Matrices,
    readonly read: ParameterReader,
  ) {
    this.#loader = new WeightLoader(matrices);
  }

  /** Weights `[outputs, inputs]` and bias `[outputs]` → rows of a product's B: columns in their places, then the bias. */
  #place(host: HostMatrix, weight: Float32Array, bias: Float32Array | null, inputs: number, how: Placing): void {
    const { first = 0, outputParts = 1, inputParts = 1, norm, factor = 1 } = how;
    const { span } = this.sizes;
    const outputs = weight.length / inputs;
    const [high, wide] = [outputs / outputParts, inputs / inputParts];
    const biasAt = inputParts * padTo(wide, span);
    for (let output = 0; output < outputs; output++) {
      const part = Math.floor(output / high);
      const to = (first + part * padTo(high, span) + (output - part * high)) * host.columns;
      let shifted = bias?.[output] ?? 0;
      for (let from = 0, piece = 0; piece < inputParts; piece++) {
        const start = to + piece * padTo(wide, span);
        for (let column = 0; column < wide; column++, from++) {
          const value = weight[output * inputs + from]!;
          if (norm) shifted += value * norm.shift[from]!;
          host.values[start + column] = value * factor * (norm ? norm.scale[from]! : 1);
        }
      }
      host.values[to + biasAt] = shifted * factor;
    }
  }

  /** The patches' product, into the residual stream; its bias is with the positions. */
  patches(): Matrix {
    const { plan, sizes } = this;
    const { channels, patchSize, hiddenSize } = plan;
    const area = patchSize.height * patchSize.width;
    const weight = this.read("embeddings.patch_embeddings.projection.weight"); // [D, channels, P, P]
    const turned = new Float32Array(weight.length); // [D, P, P, channels]
    for (let at = 0; at < weight.length; at++) {
      const pixel = at % area;
      const plane = (at - pixel) / area;
      const channel = plane % channels;
      turned[((plane - channel) / channels) * area * channels + pixel * channels + channel] = weight[at]!;
    }
    const host = this.#loader.host(sizes.stream, sizes.patch + sizes.span);
    this.#place(host, turned, null, area * channels, {});
    centre(host, hiddenSize, sizes.width);
    return this.#loader.upload(host);
  }

  /** What every token begins with: prefix token or the patches' bias, and its position. `[seats, stream]` */
  start(): Matrix {
    const { plan, sizes, matrices } = this;
    const D = plan.hiddenSize;
    const prefix = prefixNames(plan).flatMap((name) => [...this.read(name)]); // [P, D]
    const bias = this.read("embeddings.patch_embeddings.projection.bias");
    const positions = this.read("embeddings.position_embeddings");
    const host = hostMatrix(sizes.seats, sizes.stream);
    for (let token = 0; token < sizes.tokens; token++) {
      const added = token < sizes.prefix ? prefix.slice(token * D, (token + 1) * D) : bias;
      const row = Float64Array.from(added, (value, column) => value + positions[token * D + column]!);
      const mean = row.reduce((sum, value) => sum + value, 0) / D;
      const at = token * sizes.stream;
      row.forEach((value, column) => (host.values[at + column] = value - mean));
      host.values[at + sizes.width] = mean;
    }
    return matrices.upload(host, "float32");
  }

  block(name: string): Block {
    const { plan, sizes } = this;
    const { heads, intermediateSize, hiddenSize } = plan;
    return {
      queryKeyValue: this.#queryKeyValue(name),
      output: this.#outward(`${name}.attention.output.dense`, hiddenSize, sizes.joined, heads),
      expand: this.#expand(name),
      contract: this.#outward(`${name}.output.dense`, intermediateSize, sizes.inner, 1),
    };
  }

  #queryKeyValue(name: string): Matrix {
    const { plan, sizes } = this;
    const host = this.#loader.host(3 * sizes.joined, sizes.stream);
    const before = this.#norm(`${name}.layernorm_before`);
    ["query", "key", "value"].forEach((part, at) => {
      const factor = at === 0 ? Math.LOG2E / Math.sqrt(sizes.headSize) : 1; // 2^x is what a GPU knows
      const how = { first: at * sizes.joined, outputParts: plan.heads, norm: before, factor };
      this.#inward(host, `${name}.attention.attention.${part}`, how, plan.queryKeyValueBias);
    });
    return this.#loader.upload(host);
  }

  #expand(name: string): Matrix {
    const host = this.#loader.host(this.sizes.inner, this.sizes.stream);
    this.#inward(host, `${name}.intermediate.dense`, { norm: this.#norm(`${name}.layernorm_after`) });
    return this.#loader.upload(host);
  }

  /** Part of a layer that reads the residual stream. */
  #inward(host: HostMatrix, name: string, how: Placing, bias = true): void {
    const shifts = bias ? this.read(`${name}.bias`) : null;
    this.#place(host, this.read(`${name}.weight`), shifts, this.plan.hiddenSize, how);
  }

  /** Scale and shift of the final norm, as two rows. */
  norm(): Matrix {
    const { scale, shift } = this.#norm("layernorm");
    const host = hostMatrix(2, this.sizes.width);
    host.values.set(scale);
    host.values.set(shift, host.columns);
    return this.matrices.upload(host, "float32");
  }

  /** A layer behind the encoder, `[outputs, D]`. */
  head(name: string, factor = 1, biased = true): Matrix {
    const { plan, sizes } = this;
    const bias = biased ? this.read(`${name}.bias`) : null;
    const weight = this.read(`${name}.weight`);
    const host = this.#loader.host(weight.length / plan.hiddenSize, sizes.stream);
    this.#place(host, weight, bias, plan.hiddenSize, { factor });
    return this.#loader.upload(host);
  }

  /** A layer that adds to the residual stream. */
  #outward(name: string, inputs: number, depth: number, inputParts: number): Matrix {
    const { plan, sizes } = this;
    const host = this.#loader.host(sizes.stream, depth + sizes.span);
    this.#place(host, this.read(`${name}.weight`), this.read(`${name}.bias`), inputs, { inputParts });
    centre(host, plan.hiddenSize, sizes.width);
    return this.#loader.upload(host);
  }

  #norm(name: string): Norm {
    return { scale: this.read(`${name}.weight`), shift: this.read(`${name}.bias`) };
  }
}
