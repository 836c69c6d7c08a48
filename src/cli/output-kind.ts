const OUTPUT_KINDS = ["png", "json", "npy"] as const;

/** What a map becomes in a file, by the file's ending; `undefined` for any other. */
export const outputKind = (path: string): (typeof OUTPUT_KINDS)[number] | undefined =>
  OUTPUT_KINDS.find((kind) => path.toLowerCase().endsWith(`.${kind}`));
