import type { FileNames } from "./file-names.ts";

const COUNTER = /\.num_batches_tracked$/;

/** An attention CNN's files hold its parameters under its own names. */
export const ATTENTION_CNN_NAMES: FileNames = {
  title: "attention CNN",
  locate: (name, tensors) => ({ name, part: undefined, tensor: tensors.get(name) }),
  whyIgnored: (name) => (COUNTER.test(name) ? "PyTorch's counter of training steps" : undefined),
  whyUnsupported: () => undefined,
};

/** Whether these are an attention CNN's tensors, whatever its measures. */
export const areAttentionCnnNames = (names: readonly string[]): boolean =>
  names.includes("stem.conv.weight") && names.some((name) => /^stages\.\d+\.blocks\.\d+\.conv1\.weight$/.test(name));
