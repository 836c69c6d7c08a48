import type { Shape } from "../contract/host-tensor.ts";

/** Names and shapes of a model's parameters, in PyTorch's layouts and the order they are set in: each call one layer. */
export class ShapeTable extends Map<string, Shape> {
  /** `[out, in]` */
  linear(name: string, out: number, inputs: number, bias = true): void {
    this.set(`${name}.weight`, [out, inputs]);
    if (bias) this.set(`${name}.bias`, [out]);
  }

  norm(name: string, width: number): void {
    this.set(`${name}.weight`, [width]);
    this.set(`${name}.bias`, [width]);
  }

  /** `nn.MultiheadAttention`: query, key and value in one. */
  attention(name: string, width: number): void {
    this.set(`${name}.in_proj_weight`, [3 * width, width]);
    this.set(`${name}.in_proj_bias`, [3 * width]);
    this.linear(`${name}.out_proj`, width, width);
  }

  /** The four gates of an LSTM; `nn.LSTM` counts its layers behind each name, as `_l0`. */
  lstm(name: string, inputs: number, hidden: number, layer = ""): void {
    this.set(`${name}.weight_ih${layer}`, [4 * hidden, inputs]);
    this.set(`${name}.weight_hh${layer}`, [4 * hidden, hidden]);
    this.set(`${name}.bias_ih${layer}`, [4 * hidden]);
    this.set(`${name}.bias_hh${layer}`, [4 * hidden]);
  }

  /** A convolution without bias, `[out, in, size, size]`, and the batch normalisation behind it. */
  convolution(conv: string, norm: string, out: number, inputs: number, size: number): void {
    this.set(`${conv}.weight`, [out, inputs, size, size]);
    for (const part of ["weight", "bias", "running_mean", "running_var"]) this.set(`${norm}.${part}`, [out]);
  }
}
