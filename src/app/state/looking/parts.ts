/** What there is to open below a photo's map. */
export type Part = "heads" | "compare" | "trials" | "appearance" | "share";
