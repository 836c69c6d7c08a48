import { VisionError } from "./errors.ts";
import type { ExplainMethod, ExplainRequest, HeadChoice, MatrixRequest, Query } from "./explain-request.ts";

/** What to explain, as a page or a command asks it; each method has its own of these settings, which `settingsOf` tells. */
export type ExplainQuestion = {
  /** Default: rollout for a ViT; for a CNN its attention module, or Grad-CAM where it has none. */
  readonly method?: ExplainMethod | undefined;
  readonly layer?: number | undefined; // from 0; of raw and Grad-CAM, default: the last
  readonly head?: HeadChoice | undefined; // of raw one of them, from 0, or how they are joined; default "mean"
  readonly query?: Query | undefined; // whose attention; default: the class token's, else the mean over all cells
  readonly target?: number | undefined; // class index; default: the class that the model answers
  readonly discard?: number | undefined; // share of lowest weights, from 0 to below 1
};

type Setting = Exclude<keyof ExplainQuestion, "method">;

const SETTINGS: Readonly<Record<ExplainMethod, readonly Setting[]>> = {
  raw: ["layer", "head", "query"],
  module: ["query"],
  rollout: ["head", "discard", "query"],
  flow: ["head", "query"],
  "gradient-rollout": ["target", "discard", "query"],
  chefer: ["target", "query"],
  "grad-cam": ["layer", "target"],
};

export const EXPLAIN_METHODS = Object.keys(SETTINGS) as ExplainMethod[];

/** The settings a method has: for whoever offers them. */
export const settingsOf = (method: ExplainMethod): readonly Setting[] => SETTINGS[method];

/** Throws `invalid-argument` for an unknown method and for a setting that the method has not: none is ignored. */
export function toExplainRequest(question: ExplainQuestion, usual: ExplainMethod): ExplainRequest {
  const { method = usual, ...settings } = question;
  if (!EXPLAIN_METHODS.some((known) => known === method)) {
    throw new VisionError("invalid-argument", `method: wanted ${EXPLAIN_METHODS.join(", ")}, got ${String(method)}`);
  }
  const known: readonly string[] = SETTINGS[method];
  const given = Object.entries<unknown>(settings).filter(([, value]) => value !== undefined);
  const foreign = given.find(([name]) => !known.includes(name));
  if (foreign) {
    const message = `${method}: this method has ${known.join(", ")}, got ${foreign[0]}; leave it out or choose another method`;
    throw new VisionError("invalid-argument", message);
  }
  expectFusion(method, settings.head);
  return { method, ...Object.fromEntries(given) };
}

/** Of one head alone there is only raw attention: what goes through all layers goes through all heads. */
function expectFusion(method: ExplainMethod, head: HeadChoice | undefined): void {
  if (method === "raw" || typeof head !== "number") return;
  throw new VisionError("invalid-argument", `${method}: head: wanted mean, max or min, got ${head}; ask for raw`);
}

/** Throws `invalid-argument` as `toExplainRequest`, and for a method whose map is no row of a matrix. */
export function toMatrixRequest(question: ExplainQuestion, usual: ExplainMethod): MatrixRequest {
  const request = toExplainRequest(question, usual);
  if (request.method !== "flow" && request.method !== "grad-cam") return request;
  throw new VisionError("invalid-argument", `${request.method}: there is no matrix of it; ask for its map`);
}
