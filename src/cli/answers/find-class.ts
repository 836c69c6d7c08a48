import type { ModelInfo } from "../../../worker/contract/api.ts";
import { VisionError } from "../../../worker/contract/errors.ts";
import { editDistance } from "../../../worker/checkpoint/nearest-name.ts";

const MOST_NAMES = 5; // in a message

/**
 * A class as somebody writes it, by its index or by the label as the model has it → its index. Throws
 * `invalid-argument` with the labels that come near, `model-has-no-head`.
 */
export function findClass(text: string, { labels, name }: ModelInfo): number {
  if (labels.length === 0) throw new VisionError("model-has-no-head", `--target ${text}: ${name} knows no classes`);
  if (/^\d+$/.test(text)) return Number(text);
  const index = labels.indexOf(text);
  if (index >= 0) return index;
  const near = nearLabels(text, labels);
  const advice = near.length === 0 ? "inspect --json lists its labels" : `near it: ${near.join("; ")}`;
  throw new VisionError(
    "invalid-argument",
    `--target: wanted a class of ${name} by index or label, got ${text}; ${advice}`,
  );
}

/** Labels that contain the text, else those that it becomes by changing few of its letters, the nearest first. */
function nearLabels(text: string, labels: readonly string[]): string[] {
  const lowered = text.toLowerCase();
  const containing = labels.filter((label) => label.toLowerCase().includes(lowered)).slice(0, MOST_NAMES);
  if (containing.length > 0) return containing;
  return labels
    .map((label) => ({ label, edits: editDistance(lowered, label.toLowerCase()) }))
    .filter(({ edits }) => edits < text.length / 2)
    .sort((one, other) => one.edits - other.edits)
    .slice(0, MOST_NAMES)
    .map(({ label }) => label);
}
