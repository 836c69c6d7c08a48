/** How far a long call has come. `total` is null where nobody knows it yet. */
export type Progress = {
  readonly stage: "download" | "prepare" | "classify" | "embed" | "caption" | "faithfulness";
  readonly loaded: number; // bytes for "download", parameters for "prepare", images for the others
  readonly total: number | null;
  readonly file: string | null; // the file under way, for "download"
  readonly fromCache: boolean; // true where the bytes come from this browser's storage
};

export type CallOptions = {
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: Progress) => void) | undefined;
};
