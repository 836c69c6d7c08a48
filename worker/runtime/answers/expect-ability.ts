import { VisionError } from "../../contract/errors.ts";
import type { Writer } from "../captioner/place-captioner.ts";
import type { LoadedModel } from "../placed/loaded-model.ts";

/** Throws `model-has-no-head` where a model cannot classify. */
export function expectClasses({ writer, info }: LoadedModel): void {
  if (!writer) return;
  throw new VisionError("model-has-no-head", `${info.name} writes sentences and knows no classes; ask for a caption.`);
}

/** Throws `model-has-no-head` where a model cannot write. */
export function expectWriter({ writer, info }: LoadedModel): Writer {
  if (writer) return writer;
  const message = `${info.name} cannot write; load a captioner, such as everyday-captioner, or ask it to classify.`;
  throw new VisionError("model-has-no-head", message);
}
