import { argMax, tidy, type Tensor2D } from "@tensorflow/tfjs-core";
import { VisionError } from "../../contract/errors.ts";

/**
 * The class to explain: the one asked for or, if none is, that of the largest of the logits `[1, classes]`, which are
 * computed only then. Throws `invalid-argument` for a class that the model has not.
 */
export async function chooseTarget(
  logits: () => Tensor2D,
  classes: number,
  asked: number | undefined,
): Promise<number> {
  if (asked === undefined) {
    const answer = tidy(() => argMax(logits(), -1)); // [1]
    try {
      return (await answer.data())[0]!;
    } finally {
      answer.dispose();
    }
  }
  if (Number.isInteger(asked) && asked >= 0 && asked < classes) return asked;
  throw new VisionError("invalid-argument", `target: wanted a class from 0 to ${classes - 1}, got ${asked}`);
}
