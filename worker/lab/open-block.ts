import { add, type Tensor3D, type Tensor4D } from "@tensorflow/tfjs-core";
import type { TokenStepName } from "../contract/lab.ts";
import { activate } from "../layers/activate.ts";
import { attend } from "../layers/attention.ts";
import type { EncoderBlock } from "../layers/encoder-block.ts";
import { joinHeads, splitHeads } from "../layers/heads.ts";
import { layerNorm } from "../layers/layer-norm.ts";
import { linear } from "../layers/linear.ts";

type OpenedBlock = {
  readonly steps: readonly (readonly [TokenStepName, Tensor3D])[]; // in order; [1, T, D], within the MLP [1, T, inner]
  readonly weights: Tensor4D; // [1, H, T, T]
};

/** `encode` with every step between: tokens `[1, T, D]` → what each layer of the block gives. Call it inside `tidy`. */
export function openBlock(
  { normBefore, attention, normAfter, feedForward }: EncoderBlock,
  input: Tensor3D,
): OpenedBlock {
  const split = (rows: Tensor3D): Tensor4D => splitHeads(rows, attention.heads);
  const normed = layerNorm(normBefore, input);
  const query = linear(attention.query, normed);
  const key = linear(attention.key, normed);
  const value = linear(attention.value, normed);
  const { mixed, weights } = attend(split(query), split(key), split(value)); // [1, H, T, D/H]
  const heads = joinHeads(mixed);
  const output = linear(attention.output, heads);
  const attended = add<Tensor3D>(input, output);

  const normedAgain = layerNorm(normAfter, attended);
  const expanded = linear(feedForward.expand, normedAgain);
  const activated = activate(feedForward.activation, expanded);
  const contracted = linear(feedForward.contract, activated);
  const result = add<Tensor3D>(attended, contracted);

  const steps = [
    ["input", input],
    ["normBefore", normed],
    ["query", query],
    ["key", key],
    ["value", value],
    ["heads", heads],
    ["output", output],
    ["attended", attended],
    ["normAfter", normedAgain],
    ["expanded", expanded],
    ["activated", activated],
    ["contracted", contracted],
    ["result", result],
  ] as const;
  return { steps, weights };
}
