import { abortError, VisionError } from "../../contract/errors.ts";
import type { ImageHeader } from "../header.ts";
import { DECODE_SECONDS } from "../limits.ts";

/** The file's own numbers: not multiplied by alpha, not converted to the screen's colours. */
const AS_STORED: ImageBitmapOptions = { premultiplyAlpha: "none", colorSpaceConversion: "none" };

/**
 * Decodes a file as it is stored, not yet upright. Throws `image-corrupt`, `image-timeout` or an `AbortError`; a
 * bitmap that arrives after that is closed.
 */
export async function openBitmap(
  bytes: Uint8Array<ArrayBuffer>,
  header: ImageHeader,
  signal?: AbortSignal,
): Promise<ImageBitmap> {
  const opening = createImageBitmap(withoutCuts(bytes, header), AS_STORED);
  let timer: ReturnType<typeof setTimeout> | undefined;
  let stop = (): void => undefined;
  const stopped = new Promise<never>((_, reject) => {
    stop = () => reject(abortError());
    timer = setTimeout(() => reject(tooSlow(header)), DECODE_SECONDS * 1000);
    signal?.addEventListener("abort", stop);
  });
  try {
    return await Promise.race([opening.catch(refuse(header)), stopped]);
  } catch (error) {
    opening.then((late) => late.close()).catch(() => undefined);
    throw error;
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", stop);
  }
}

/** `imageOrientation: "none"` means "from-image" in current browsers: without EXIF in the file there is nothing to apply. */
function withoutCuts(bytes: Uint8Array<ArrayBuffer>, { cut, format }: ImageHeader): Blob {
  const starts = [0, ...cut.map((range) => range.end)];
  const ends = [...cut.map((range) => range.start), bytes.length];
  const parts = starts.map((start, i) => bytes.subarray(start, ends[i]));
  return new Blob(parts, { type: `image/${format}` });
}

const refuse = (header: ImageHeader) => (cause: unknown) => {
  const hint = header.format === "avif" ? "it is damaged, or this browser cannot read AVIF" : "it is damaged";
  throw new VisionError("image-corrupt", `${header.format} file: the browser could not decode it; ${hint}`, { cause });
};

function tooSlow({ format, width, height }: ImageHeader): VisionError {
  const got = `${width} × ${height} still decoding`;
  const message = `${format} file: wanted it decoded within ${DECODE_SECONDS} s, got ${got}; scale it down first`;
  return new VisionError("image-timeout", message);
}
