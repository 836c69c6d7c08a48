import { VisionError } from "../../../worker/contract/errors.ts";
import { EXPLAIN_METHODS, toExplainRequest, type ExplainQuestion } from "../../../worker/contract/explain-question.ts";
import type { ExplainMethod, HeadFusion } from "../../../worker/contract/explain-request.ts";
import { COLOUR_MAPS, type ColourMap } from "../../overlay/colour-map.ts";
import type { ExplainCall } from "../answers/explain.ts";
import {
  asWritten,
  fileEndingIn,
  numberThat,
  oneOf,
  readIfGiven,
  readOption,
  wholeFrom,
  type Options,
  type Reading,
} from "./option-values.ts";
import { WrongCall } from "./wrong-call.ts";

/** The options of `explain` as they were written → what is asked. Throws `WrongCall` for what no model could answer. */
export function readExplainOptions(options: Options): Omit<ExplainCall, "model" | "backend"> {
  const question = {
    method: readIfGiven(options, "--method", oneOf<ExplainMethod>(...EXPLAIN_METHODS)),
    layer: readIfGiven(options, "--layer", wholeFrom(0)),
    head: readIfGiven(options, "--head", wholeOr<HeadFusion>("mean", "max", "min")),
    query: readIfGiven(options, "--query", wholeOr("class", "mean")),
    discard: readIfGiven(options, "--discard", share),
  };
  const target = readIfGiven(options, "--target", asWritten) ?? null;
  expectOwnSettings(target === null ? question : { ...question, target: 0 });
  return {
    question,
    output: readIfGiven(options, "--output", fileEndingIn(".png", ".json", ".npy")) ?? null,
    target,
    drawing: {
      style: readOption(options, "--style", oneOf("colours", "mask")),
      colours: readOption(options, "--colours", oneOf<ColourMap>(...COLOUR_MAPS)),
    },
  };
}

/** Without a method the model decides on one, and on its settings. */
function expectOwnSettings(question: ExplainQuestion): void {
  if (question.method === undefined) return;
  try {
    toExplainRequest(question, question.method);
  } catch (error) {
    throw error instanceof VisionError ? new WrongCall(`--method ${error.message}`) : error;
  }
}

/** A number, or one of a few words. */
const wholeOr =
  <Word extends string>(...words: readonly Word[]): Reading<number | Word> =>
  (text, flag) =>
    /^\d/.test(text) ? wholeFrom(0)(text, flag) : oneOf(...words)(text, flag);

const share = numberThat("a number from 0 to below 1", (number) => number >= 0 && number < 1);
