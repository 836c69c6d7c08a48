import { VisionError } from "../../worker/contract/errors.ts";
import { EXPLAIN_METHODS, toExplainRequest, type ExplainQuestion } from "../../worker/contract/explain-question.ts";
import type { ExplainMethod, HeadChoice, HeadFusion, Query } from "../../worker/contract/explain-request.ts";
import { COLOUR_MAPS, type ColourMap } from "../overlay/colour-map.ts";
import type { ExplainCall } from "./explain.ts";
import { outputKind } from "./output-kind.ts";
import { WrongCall } from "./wrong-call.ts";

type Options = Readonly<Record<string, unknown>>;

/** The options of `explain` as they were written → what is asked. Throws `WrongCall` for what no model could answer. */
export function readExplainOptions(options: Options): Omit<ExplainCall, "model" | "backend"> {
  const question = {
    method: optional(options, "method", (text) => oneOf<ExplainMethod>("--method", text, EXPLAIN_METHODS)),
    layer: optional(options, "layer", (text) => whole("--layer", text)),
    head: optional(options, "head", readHead),
    query: optional(options, "query", readQuery),
    discard: optional(options, "discard", readShare),
  };
  const target = optional(options, "target", (text) => text) ?? null;
  expectOwnSettings(target === null ? question : { ...question, target: 0 });
  return {
    question,
    output: optional(options, "output", readOutput) ?? null,
    target,
    drawing: {
      style: oneOf("--style", String(options.style), ["colours", "mask"]),
      colours: oneOf<ColourMap>("--colours", String(options.colours), COLOUR_MAPS),
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

function readOutput(path: string): string {
  if (outputKind(path) !== undefined) return path;
  throw new WrongCall(`--output: expected a file ending in .png, .json or .npy, got ${path}`);
}

const readHead = (text: string): HeadChoice =>
  /^\d/.test(text) ? whole("--head", text) : oneOf<HeadFusion>("--head", text, ["mean", "max", "min"]);

const readQuery = (text: string): Query =>
  /^\d/.test(text) ? whole("--query", text) : oneOf<"class" | "mean">("--query", text, ["class", "mean"]);

function readShare(text: string): number {
  const share = text.trim() === "" ? NaN : Number(text);
  if (share >= 0 && share < 1) return share;
  throw new WrongCall(`--discard: expected a number from 0 to below 1, got ${text}`);
}

function optional<Value>(options: Options, name: string, read: (text: string) => Value): Value | undefined {
  const value = options[name];
  if (value === undefined) return undefined;
  if (typeof value === "string" && value !== "") return read(value);
  throw new WrongCall(`--${name}: expected one value, got ${JSON.stringify(value)}`);
}

function whole(flag: string, text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new WrongCall(`${flag}: expected a whole number from 0, got ${text}`);
}

function oneOf<Value extends string>(flag: string, text: string, known: readonly Value[]): Value {
  const found = known.find((value) => value === text);
  if (found !== undefined) return found;
  throw new WrongCall(`${flag}: expected ${known.join(", ")}, got ${text}`);
}
