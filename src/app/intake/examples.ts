import type { PhotoSource } from "../state/photo.ts";

const EXAMPLES = ["lemon", "school-bus", "ladybug"] as const;

/** Drawings served beside the page, for visitors without a photo at hand. */
export const examples = (): PhotoSource[] =>
  EXAMPLES.map((name) => ({ name: `${name}.jpg`, content: new URL(`examples/${name}.jpg`, document.baseURI) }));
