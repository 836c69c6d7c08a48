import { readFileSync } from "node:fs";
import type { RgbImage } from "../../../worker/contract/pixels.ts";
import { picturesIn } from "./pictures-in.ts";

/** The pictures in a safetensors file under test/golden, by name. */
export const readPictures = (file: string): Map<string, RgbImage> =>
  picturesIn(new Uint8Array(readFileSync(new URL(`../../golden/${file}`, import.meta.url))));
