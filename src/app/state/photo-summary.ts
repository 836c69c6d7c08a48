import { countOf, formatPercent } from "../format.ts";
import type { Photo } from "./photo.ts";

/** What a screen reader is told once a run of photos is through: one answer in full, many as a count. */
export const summarise = (photos: readonly Photo[]): string => {
  const [only, ...more] = photos;
  if (!only) return "";
  return more.length === 0 ? tellOne(only) : tellMany(photos);
};

const tellOne = (photo: Photo): string => {
  const state = photo.state.peek();
  if (state.kind === "failed") return `${photo.name}: ${state.failure.title} ${state.failure.advice}`;
  if (state.kind === "cancelled") return `${photo.name}: cancelled.`;
  if (state.kind !== "done") return "";
  const [best] = state.result.predictions;
  return best ? `${photo.name}: ${best.label}, ${formatPercent(best.score)}.` : `${photo.name}: no prediction.`;
};

const tellMany = (photos: readonly Photo[]): string => {
  const count = (kind: string): number => photos.filter((photo) => photo.state.peek().kind === kind).length;
  const parts = [`${countOf(count("done"), "photo")} classified`];
  if (count("failed") > 0) parts.push(`${count("failed")} failed`);
  if (count("cancelled") > 0) parts.push(`${count("cancelled")} cancelled`);
  return `${parts.join(", ")}.`;
};
