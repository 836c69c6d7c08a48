import type { Head } from "../../../index.ts";
import { VisionError } from "../../../../worker/contract/errors.ts";
import { expectHead } from "../../../../worker/contract/head.ts";
import { headOf, type ModelChoice } from "../models/model-choices.ts";

/** What a file of classes holds: a head as `teach` gives it, and beside it the model that it goes with. */
export type SavedClasses = {
  readonly head: Head;
  readonly model: string | null; // as the model picker knows it; null: the file does not tell
};

/** The text of a file with the classes that a model was taught, or null for a model with those it came with. */
export const writeClasses = (choice: ModelChoice): string | null => {
  const head = headOf(choice);
  return head && JSON.stringify({ ...head, model: choice.taughtTo?.value });
};

/** Throws `invalid-argument` for a text that holds no classes. */
export const readClasses = (text: string): SavedClasses => {
  const { model, ...head } = Object(parse(text)) as Record<string, unknown>;
  expectHead(head);
  if (head.labels.every((label) => typeof label === "string"))
    return { head, model: typeof model === "string" ? model : null };
  throw new VisionError("invalid-argument", "labels: wanted names, got something else");
};

/** Whether a file is one of saved classes, and not some other. */
export const holdsClasses = async (file: File): Promise<boolean> => {
  try {
    readClasses(await file.text());
    return true;
  } catch {
    return false;
  }
};

const parse = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new VisionError("invalid-argument", "classes: wanted JSON, got something else", { cause });
  }
};
