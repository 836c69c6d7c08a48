import { EXPLAIN_METHODS, settingsOf, type ExplainMethod, type HeadChoice, type ModelInfo } from "../../../index.ts";

type MethodWords = { readonly title: string; readonly hint: string };

/** What the methods are called on the page, and what each of them shows. */
export const METHOD_WORDS: Readonly<Record<ExplainMethod, MethodWords>> = {
  raw: { title: "Raw attention", hint: "What one layer attends to, as it is." },
  module: { title: "Attention module", hint: "What the attention layer between the convolutions looks at." },
  rollout: { title: "Attention rollout", hint: "Attention followed through all layers, the same for every class." },
  flow: { title: "Attention flow", hint: "The most attention that can pass through all layers at once." },
  "gradient-rollout": { title: "Gradient rollout", hint: "Rollout of the attention that speaks for the class." },
  chefer: { title: "Relevance (Chefer)", hint: "Attention weighed, layer by layer, by what it does for the class." },
  "grad-cam": { title: "Grad-CAM", hint: "The features that speak for the class." },
};

const KINDS: Readonly<Record<ModelInfo["type"], readonly ExplainMethod[]>> = {
  vit: EXPLAIN_METHODS.filter((method) => method !== "module"),
  "attention-cnn": ["module", "grad-cam"],
  captioner: [], // its maps come with its words
};

export const isClassSpecific = (method: ExplainMethod): boolean => settingsOf(method).includes("target");

/** Whether one run gives the map of every query; see `Vision.explainAll`. */
export const hasMatrix = (method: ExplainMethod): boolean => method !== "flow" && method !== "grad-cam";

/** What a model can be asked for: nothing of classes without classes, nothing of attention without attention. */
export const methodsOf = ({ type, layers, labels }: ModelInfo): readonly ExplainMethod[] =>
  KINDS[type].filter(
    (method) => (labels.length > 0 || !isClassSpecific(method)) && (layers > 0 || method === "grad-cam"),
  );

/** The first map of a photo; null where the model offers none. */
export const usualMethod = (model: ModelInfo): ExplainMethod | null => {
  const methods = methodsOf(model);
  return PREFERRED.find((method) => methods.includes(method)) ?? null;
};

/** Those for a class first: on the example pictures they lie on the thing, and their deletion and insertion areas are the best. */
const PREFERRED: readonly ExplainMethod[] = ["chefer", "grad-cam", "rollout", "module"];

/** For a class that somebody asks about while the method in use knows no classes. */
export const classMethod = (model: ModelInfo): ExplainMethod | null => {
  const methods = methodsOf(model);
  return PREFERRED.find((method) => isClassSpecific(method) && methods.includes(method)) ?? null;
};

/** How many layers, or stages, a method can be asked about; 0 where it asks no such question. */
export const layersOf = (method: ExplainMethod, { type, layers, hiddenStates }: ModelInfo): number => {
  if (!settingsOf(method).includes("layer")) return 0;
  return type === "vit" ? layers : hiddenStates - 1;
};

const FUSIONS = ["mean", "max", "min"] as const;

/** The heads, and what can become of all of them, that a method can be asked about; none where it asks no such question. */
export const headsOf = (method: ExplainMethod, { heads }: ModelInfo): readonly HeadChoice[] => {
  if (!settingsOf(method).includes("head")) return [];
  return method === "raw" ? [...FUSIONS, ...Array(heads).keys()] : FUSIONS;
};
