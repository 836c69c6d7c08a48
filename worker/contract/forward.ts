import type { Pause } from "./turns.ts";

/** Values on the host, row-major, float32. */
export type HostArray = { readonly shape: readonly number[]; readonly values: Float32Array };

/**
 * What a model can be asked for, whatever its kind, under Hugging Face's names. B images; of a ViT N tokens, D wide; of
 * a CNN maps of C channels, in PyTorch's order of axes:
 * - `attentions.i` `[B, heads, N, N]`: where each token, or position of the map (row), looked; rows sum to 1.
 *   `ModelInfo.layers` of them
 * - `hidden_states.i` `[B, N, D]`, `[B, C, H, W]`: 0 the embedded tokens or the stem's map, then what each block or stage
 *   gives. `ModelInfo.hiddenStates` of them
 * - `last_hidden_state` `[B, N, D]`, `[B, C, H, W]`: the last of them, after a ViT's final norm
 * - `pooled` `[B, D]`, `[B, C]`: what the head reads
 * - `pooler_output` `[B, D]`: of a bare ViT with `ModelInfo.pooler`
 * - `logits` `[B, classes]`
 */
export type ModelStage =
  `attentions.${number}` | `hidden_states.${number}` | "last_hidden_state" | "pooled" | "pooler_output" | "logits";

export type ModelRun = {
  /** Which stages to return; nothing behind the last of them is computed. */
  readonly stages: readonly ModelStage[];
  /** Awaited between the steps of a run; throw from it to stop. */
  readonly pause?: Pause | undefined;
  /** Take images of another size; a ViT interpolates its positions for that. Default false. */
  readonly interpolate?: boolean | undefined;
};
