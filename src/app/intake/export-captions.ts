import { cellText } from "../../../worker/contract/cell-text.ts";
import type { Caption } from "../../index.ts";
import type { Photo } from "../state/photo.ts";

export const CAPTION_KINDS = ["csv", "json"] as const;
type CaptionKind = (typeof CAPTION_KINDS)[number];

type DescribedPhoto = { readonly file: string; readonly model: string; readonly caption: Caption };

/** The photos that have their sentence, in the order of the page. */
export const describedPhotos = (photos: readonly Photo[]): DescribedPhoto[] =>
  photos.flatMap(({ name, caption: { value: state } }) =>
    state.kind === "done" ? [{ file: name, model: state.model, caption: state.caption }] : [],
  );

export const exportCaptions = (kind: CaptionKind, described: readonly DescribedPhoto[]): Blob =>
  kind === "csv"
    ? new Blob([captionsCsv(described)], { type: "text/csv;charset=utf-8" })
    : new Blob([captionsJson(described)], { type: "application/json" });

/** A table after RFC 4180, with a header. */
export const captionsCsv = (described: readonly DescribedPhoto[]): string => {
  const rows = described.map(({ file, model, caption: { text, score, logProbability } }) =>
    [quote(file), quote(text), score, Math.exp(logProbability), quote(model)].join(","),
  );
  return ["file,caption,score,probability,model", ...rows, ""].join("\r\n");
};

const quote = (text: string): string => `"${cellText(text).replaceAll('"', '""')}"`;

/** A list of what `patchlight caption --json` prints, with the words' alternatives and the other sentences. */
export const captionsJson = (described: readonly DescribedPhoto[]): string => {
  const told = described.map(({ file, model, caption: { text, words, score, others } }) => ({
    file,
    model,
    caption: text,
    words: words.map(({ text, probability, alternatives }) => ({ text, probability, alternatives })),
    score,
    others: others.map(({ text, score }) => ({ caption: text, score })),
  }));
  return `${JSON.stringify(told, null, 2)}\n`;
};
