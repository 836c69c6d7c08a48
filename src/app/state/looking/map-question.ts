import {
  heatOfQuery,
  type ExplainQuestion,
  type Heat,
  type HeatMatrix,
  type Query,
  type Vision,
} from "../../../index.ts";
import type { FittedChoice } from "./fit-view.ts";
import type { Asked } from "./inquiry.ts";
import { hasMatrix } from "./methods.ts";
import type { Subject } from "./subject.ts";

/** One map, or those of every query, where one run gives them all. */
export type MapAnswer = Heat | HeatMatrix;

/** Throws an AbortError where the page has none any more. */
export type GetVision = () => Vision;

/** What is asked of the worker; a method with a matrix is not asked about one query. */
export const questionOf = ({ method, layer, head, query, target }: FittedChoice): ExplainQuestion => {
  const asked = { layer, head, query: hasMatrix(method) ? null : query, target };
  const set = Object.entries(asked).filter(([, value]) => value !== null);
  return { method, ...Object.fromEntries(set) };
};

export const askMap = (subject: Subject, choice: FittedChoice, vision: GetVision): Asked<MapAnswer> => {
  const { photo, model } = subject;
  const question = questionOf(choice);
  return {
    photo,
    key: `${model.id} ${JSON.stringify(question)}`,
    ask: (picture, signal) => {
      const options = { model, signal, ...question };
      return hasMatrix(choice.method) ? vision().explainAll(picture, options) : vision().explain(picture, options);
    },
  };
};

/** The map of one query, which a matrix gives at once; null means whom the model asks itself. */
export const heatOf = (answer: MapAnswer, query: Query | null): Heat =>
  "matrix" in answer ? heatOfQuery(answer, query ?? (answer.prefixTokens > 0 ? "class" : "mean")) : answer;
