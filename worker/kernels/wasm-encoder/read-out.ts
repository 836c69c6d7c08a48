import type { EncoderPlan, EncoderStage } from "../encoder-engine.ts";
import type { EncoderFrame } from "./encoder-frame.ts";
import type { Kernels } from "../wasm/kernels.ts";
import type { LinearMemory } from "../wasm/linear-memory.ts";
import type { PlacedLinear, PlacedParameters } from "./place-parameters.ts";
import { readRows, strideOf } from "../wasm/rows.ts";

/** Rows somewhere in memory, one for each image. */
type Rows = { readonly address: number; readonly stride: number };

type Answer = (stage: EncoderStage, shape: readonly number[], values: () => Float32Array) => void;

/**
 * The last block's states → what is read from them; `answer` is told each of them, and asks for the values it wants.
 * The states have had their day: the final norm goes into their place.
 */
export function readOut(
  plan: EncoderPlan,
  { norm, pooler, head, distillationHead, patchHead }: PlacedParameters,
  frame: EncoderFrame,
  kernels: Kernels,
  memory: LinearMemory,
  answer: Answer,
): void {
  const { batch, tokens, prefix, width, stride, epsilon } = frame;
  const normTo = (rows: number, from: Rows, to: number): Rows => {
    kernels.normRows(rows, width, epsilon, norm.scale, norm.shift, from.address, from.stride, to, stride);
    return { address: to, stride };
  };
  const dense = ({ kernel, bias }: PlacedLinear, columns: number, { address, stride }: Rows, add = 0): Rows => {
    const to = { address: add || memory.take(batch * strideOf(columns)), stride: strideOf(columns) };
    kernels.product(address, stride, batch, width, kernel, columns, bias, 0, add, to.address, to.stride);
    return to;
  };
  const tell = (stage: EncoderStage, columns: number, { address, stride }: Rows): void =>
    answer(stage, [batch, columns], () => readRows(memory, address, batch, columns, stride));

  const states = { address: frame.states, stride };
  const { address: encoded } = plan.finalNorm === "tokens" ? normTo(batch * tokens, states, frame.states) : states;
  answer("encoded", [batch, tokens, width], () => readRows(memory, encoded, batch * tokens, width));

  const tokenAt = (index: number): Rows => ({ address: encoded + index * stride, stride: tokens * stride });
  const meanToken = (): Rows => {
    const address = memory.take(batch * stride);
    for (let image = 0; image < batch; image++) {
      const first = encoded + (image * tokens + prefix) * stride;
      kernels.meanRow(tokens - prefix, width, first, stride, tokens - prefix, address + image * stride);
    }
    return { address, stride };
  };
  const features = plan.pooling === "class" ? tokenAt(0) : meanToken();
  const pooled = plan.finalNorm === "pooled" ? normTo(batch, features, memory.take(batch * stride)) : features;
  tell("pooled", width, pooled);
  if (pooler) {
    const { address } = dense(pooler, width, tokenAt(0));
    answer("pooler_output", [batch, width], () => readRows(memory, address, batch, width).map(Math.tanh));
  }
  if (!head) return;
  const logits = dense(head, plan.classes, pooled);
  if (distillationHead) dense(distillationHead, plan.classes, tokenAt(1), logits.address);
  if (patchHead) dense(patchHead, plan.classes, meanToken(), logits.address);
  tell("logits", plan.classes, logits);
}
