import type { ImageMessage } from "../../worker/contract/api.ts";
import { VisionError } from "../../worker/contract/errors.ts";
import type { RgbImage } from "../../worker/contract/pixels.ts";
import type { Host } from "../../worker/runtime/session.ts";
import { nodeBackends } from "./backends.ts";
import { decodeWithSharp } from "./decode.ts";
import { readPicture } from "./read-picture.ts";

/** The bytes of a picture file, a path to one, or pixels → an upright picture. */
async function decode(image: ImageMessage): Promise<RgbImage> {
  if (typeof image === "string") return decode(await readPicture(image, image));
  if (image instanceof Blob) return decodeWithSharp(new Uint8Array(await image.arrayBuffer()));
  if (isPixels(image)) return image;
  const kind = Object.prototype.toString.call(image).slice(8, -1);
  throw new VisionError("image-unsupported-input", `image: expected a path, a Blob or RGB pixels, got ${kind}`);
}

/** Callers without types may pass anything, also nothing. */
const isPixels = (image: unknown): image is RgbImage => typeof image === "object" && image !== null && "data" in image;

/** Node's side of a session: WebAssembly or plain JavaScript, pictures decoded by sharp. */
export const nodeHost: Host = {
  drivers: nodeBackends,
  decode,
};
