import { VisionError } from "../../contract/errors.ts";
import { isHtml, refuseLfsPointer } from "../recognise-wrong-file.ts";

/** What is told where a server, or a network that wants a sign-in first, answers with a web page. */
export const pageInPlaceOf = (what: string): VisionError =>
  new VisionError(
    "source-not-json",
    `${what}: wanted JSON, got an HTML page; check the address, whether the network asks for a sign-in, ` +
      `and that the server answers 404 for files it does not have`,
  );

/**
 * The value a JSON file holds; a byte order mark is tolerated. `what` names the file in messages.
 * Throws `source-not-json` (an HTML page is told as such) or `source-lfs-pointer`.
 */
export function readJson(bytes: Uint8Array, what: string): unknown {
  refuseLfsPointer(bytes, what);
  if (isHtml(bytes)) throw pageInPlaceOf(what);
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes)); // the decoder drops the mark
  } catch (cause) {
    const reason = bytes.length === 0 ? "an empty file" : (cause as Error).message;
    throw new VisionError("source-not-json", `${what}: wanted JSON, got ${reason}`, { cause });
  }
}
