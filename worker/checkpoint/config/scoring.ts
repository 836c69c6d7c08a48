import type { Scoring } from "../../contract/api.ts";
import { isObject } from "./check-json.ts";

/**
 * How scores come from logits, as Hugging Face's image-classification pipeline has it: each by itself where `problem_type`
 * says that several labels may hold, or where there is but one; else all of them share 1.
 */
export const readScoring = (config: unknown, classes: number): Scoring =>
  classes === 1 || (isObject(config) && config.problem_type === "multi_label_classification") ? "sigmoid" : "softmax";
