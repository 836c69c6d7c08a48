import { VisionError } from "../../worker/contract/errors.ts";
import { kindOf } from "../../worker/contract/expect-object.ts";
import { expectHead, type Head } from "../../worker/contract/head.ts";
import type { FolderSource, ModelSource } from "../../worker/contract/model-folder.ts";
import type { FolderInput, ModelInput } from "./vision.ts";

/** `/models/mine/`, `./mine/`, `../mine/`: a folder on this page's own server. */
const PATH = /^\.{0,2}\//;

/** A model's source as it crosses the worker boundary. Throws `invalid-argument`. */
export function modelSource(source: ModelInput): ModelSource {
  if (!isHeaded(source)) return folderSource(source);
  expectHead(source.head);
  return { kind: "headed", from: folderSource(source.from), head: source.head };
}

const isHeaded = (source: ModelInput): source is Extract<ModelInput, { head: Head }> => "head" in Object(source);

/** The same of a model's own files. */
export function folderSource(source: FolderInput): FolderSource {
  if (typeof source === "string") return { kind: "text", text: PATH.test(source) ? absolute(source, "model") : source };
  if (source instanceof URL) return { kind: "text", text: source.href };
  if (isFiles(source)) return { kind: "files", files: [...source] };
  const wanted = "an embedded name, hf:owner/name, a URL or files";
  throw new VisionError("invalid-argument", `model: expected ${wanted}, got ${kindOf(source)}`);
}

/** Callers without types may pass anything. */
const isFiles = (source: unknown): source is readonly File[] =>
  typeof source === "object" &&
  source !== null &&
  Symbol.iterator in source &&
  [...(source as Iterable<unknown>)].every((file) => file instanceof File);

/** The folder of embedded models, with a trailing slash. Throws `invalid-argument`. */
export function folderUrl(folder: string | URL): string {
  const url = absolute(folder, "models");
  return url.endsWith("/") ? url : `${url}/`;
}

function absolute(url: string | URL, what: string): string {
  try {
    return new URL(url, document.baseURI).href;
  } catch (cause) {
    throw new VisionError("invalid-argument", `${what}: expected a URL on a page, got "${String(url)}"`, { cause });
  }
}
