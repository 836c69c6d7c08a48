/** What there is to open below a photo's map or its sentence. */
export type Part = "heads" | "compare" | "trials" | "appearance" | "share" | "sentences";
