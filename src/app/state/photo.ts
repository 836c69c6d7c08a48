import { signal, type Signal } from "@preact/signals";
import type { Classification, ModelInfo } from "../../index.ts";
import type { CaptionState } from "./describing/caption-state.ts";
import { isPictureFault, type Failure } from "./failure.ts";

export type PhotoState =
  | { readonly kind: "waiting" }
  | { readonly kind: "running" }
  | { readonly kind: "done"; readonly result: Classification; readonly model: ModelInfo }
  | { readonly kind: "failed"; readonly failure: Failure }
  | { readonly kind: "cancelled" };

/** A picture somebody gave: the file itself, or where to fetch it. */
export type PhotoSource = { readonly name: string; readonly content: Blob | URL };

/** One photo on the page. */
export type Photo = {
  readonly id: number;
  readonly name: string;
  content: Blob | URL; // a URL until it has been fetched
  readonly thumbnail: Signal<string | null>; // object URL of a small copy
  readonly state: Signal<PhotoState>;
  readonly caption: Signal<CaptionState>;
};

export const createPhoto = (id: number, { name, content }: PhotoSource): Photo => ({
  id,
  name,
  content,
  thumbnail: signal<string | null>(null),
  state: signal<PhotoState>({ kind: "waiting" }),
  caption: signal<CaptionState>({ kind: "waiting" }),
});

/** The model has seen it, and has no labels to name it by: it can but show where it looks. */
export const isUnnamed = (state: PhotoState): boolean =>
  state.kind === "failed" && state.failure.code === "model-has-no-head";

/** False once its picture could not be read or fetched: then no model can say anything of it. */
export const isReadable = ({ state: { value: state } }: Photo): boolean =>
  state.kind !== "failed" || !isPictureFault(state.failure);

export const isUnfinished = (photo: Photo): boolean =>
  photo.state.value.kind === "waiting" || photo.state.value.kind === "running";
