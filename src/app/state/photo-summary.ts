import { countOf, formatPercent } from "../format.ts";
import type { CaptionState } from "./describing/caption-state.ts";
import type { Failure } from "./failure.ts";
import type { Photo, PhotoState } from "./photo.ts";

/** What a screen reader is told once a run of photos is through: one answer in full, many as a count. */
export const summarise = (photos: readonly Photo[]): string =>
  summariseRun(photos, ({ state }) => state.peek(), tellClass, "classified");

/** The same of a run of sentences. */
export const summariseCaptions = (photos: readonly Photo[]): string =>
  summariseRun(photos, ({ caption }) => caption.peek(), tellSentence, "described");

type Outcome =
  | { readonly kind: "waiting" | "running" | "done" | "cancelled" }
  | { readonly kind: "failed"; readonly failure: Failure };

const summariseRun = <State extends Outcome>(
  photos: readonly Photo[],
  outcomeOf: (photo: Photo) => State,
  tellAnswer: (state: State) => string,
  done: string,
): string => {
  const [only, ...more] = photos;
  if (!only) return "";
  if (more.length > 0)
    return tellMany(
      photos.map((photo) => outcomeOf(photo).kind),
      done,
    );
  const told = tellOne(outcomeOf(only), tellAnswer);
  return told === "" ? "" : `${only.name}: ${told}`;
};

const tellOne = <State extends Outcome>(state: State, tellAnswer: (state: State) => string): string => {
  if (state.kind === "failed") return `${state.failure.title} ${state.failure.advice}`;
  return state.kind === "cancelled" ? "cancelled." : tellAnswer(state);
};

const tellClass = (state: PhotoState): string => {
  if (state.kind !== "done") return "";
  const [best] = state.result.predictions;
  return best ? `${best.label}, ${formatPercent(best.score)}.` : "no prediction.";
};

const tellSentence = (state: CaptionState): string => (state.kind === "done" ? state.caption.text : "");

const tellMany = (outcomes: readonly string[], done: string): string => {
  const count = (kind: string): number => outcomes.filter((outcome) => outcome === kind).length;
  const parts = [`${countOf(count("done"), "photo")} ${done}`];
  if (count("failed") > 0) parts.push(`${count("failed")} failed`);
  if (count("cancelled") > 0) parts.push(`${count("cancelled")} cancelled`);
  return `${parts.join(", ")}.`;
};
