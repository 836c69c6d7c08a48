import { settingsOf, type ExplainMethod, type ModelInfo, type Query } from "../../../index.ts";
import type { LookView, MapChoice } from "./look-view.ts";
import { headsOf, layersOf, methodsOf, usualMethod } from "./methods.ts";

/** A choice that the model can answer: every setting one that the method has, or null. */
export type FittedChoice = MapChoice & { readonly method: ExplainMethod };

/** Of what a visitor set, all that the model and the method have; null where the model offers no map. */
export const fitView = (view: LookView, model: ModelInfo): FittedChoice | null => {
  const method = pick(methodsOf(model), view.method) ?? usualMethod(model);
  if (method === null) return null;
  const settings = settingsOf(method);
  const classes = settings.includes("target") ? model.labels.length : 0;
  return {
    method,
    layer: below(layersOf(method, model), view.layer),
    head: pick(headsOf(method, model), view.head),
    query: settings.includes("query") && hasQuery(model, view.query) ? view.query : null,
    target: below(classes, view.target),
  };
};

/** The settings that a model does not have at all, in words: for whoever follows a link made with another model. */
export const misfits = (view: LookView, model: ModelInfo): string[] => {
  const fitted = fitView(view, model);
  if (!fitted) return [];
  const asked: readonly (keyof MapChoice)[] = ["method", "layer", "head", "query", "target"];
  return asked.filter((name) => view[name] !== null && view[name] !== fitted[name]);
};

const pick = <T>(among: readonly T[], value: T | null): T | null =>
  value !== null && among.includes(value) ? value : null;

const below = (count: number, value: number | null): number | null => (value !== null && value < count ? value : null);

const hasQuery = ({ prefixTokens, grid }: ModelInfo, query: Query | null): boolean => {
  if (query === "class") return prefixTokens > 0;
  return query === "mean" || (query !== null && query < grid.width * grid.height);
};
