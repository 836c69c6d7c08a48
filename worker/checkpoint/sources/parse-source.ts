import { VisionError } from "../../contract/errors.ts";
import { endsAsWeights, isNamedWeights, WEIGHT_ENDINGS, weightsStem } from "../weight-files.ts";

/** Where a source text points: a folder's URL (trailing slash), one weight file's URL, or an embedded model's name. */
export type SourcePlace =
  | { readonly kind: "folder"; readonly url: string; readonly name: string }
  | { readonly kind: "file"; readonly url: string; readonly name: string }
  | { readonly kind: "embedded"; readonly name: string };

const HUB = "https://huggingface.co";
const HUB_HOSTS: ReadonlySet<string> = new Set(["huggingface.co", "www.huggingface.co", "hf.co"]);
const NOT_MODELS: ReadonlySet<string> = new Set(["datasets", "spaces", "docs", "api", "papers", "collections"]);
const REPOSITORY = /^(?:[A-Za-z0-9_][\w.-]*\/)?[A-Za-z0-9_][\w.-]*$/;
const REVISION = /^[A-Za-z0-9_][\w.-]*(?:\/[\w-][\w.-]*)*$/; // branch, tag, commit, or refs/pr/1
const EMBEDDED = /^[a-z0-9][a-z0-9._-]*$/;

export const isHubUrl = (url: string): boolean => HUB_HOSTS.has(new URL(url).hostname);

/**
 * Reads the text forms a model can be named by: `hf:owner/name[@revision]`, a hub page's URL, the URL of a folder or of
 * one file of weights, and an embedded model's name (`[a-z0-9][a-z0-9._-]*`).
 * Throws `source-unsupported`, listing these forms, for anything else.
 */
export function parseSource(text: string): SourcePlace {
  const trimmed = text.trim();
  if (trimmed.startsWith("hf:")) return parseHubName(trimmed.slice(3)) ?? refuse(text);
  if (/^https?:\/\//i.test(trimmed)) return parseUrl(trimmed) ?? refuse(text);
  if (EMBEDDED.test(trimmed)) return { kind: "embedded", name: trimmed };
  return refuse(text, REPOSITORY.test(trimmed) ? ` Did you mean hf:${trimmed}?` : "");
}

function parseHubName(reference: string): SourcePlace | null {
  const at = reference.indexOf("@");
  const repository = at < 0 ? reference : reference.slice(0, at);
  return hubPlace(repository, at < 0 ? "main" : reference.slice(at + 1), []);
}

function hubPlace(repository: string, revision: string, path: readonly string[]): SourcePlace | null {
  if (!REPOSITORY.test(repository) || !REVISION.test(revision)) return null;
  // The hub wants a revision as one path segment: refs/pr/1 → refs%2Fpr%2F1.
  const root = `${HUB}/${repository}/resolve/${encodeURIComponent(revision)}/`;
  const name = revision === "main" ? repository : `${repository}@${revision}`;
  return placeInFolder(root, path, name);
}

/** `https://huggingface.co/owner/name[/tree|blob|resolve/revision[/path…]]` → the hub form; `null` for other pages. */
function parseHubPage(url: URL): SourcePlace | null {
  const segments = decodeSegments(url);
  if (segments === null || segments.length === 0 || NOT_MODELS.has(segments[0] ?? "")) return null;
  const view = segments.findIndex((segment, i) => i > 0 && i < 3 && /^(?:tree|blob|resolve)$/.test(segment));
  if (view < 0) return segments.length <= 2 ? hubPlace(segments.join("/"), "main", []) : null;
  const rest = segments.slice(view + 1).flatMap((segment) => segment.split("/"));
  const length = rest[0] === "refs" ? 3 : 1;
  return hubPlace(segments.slice(0, view).join("/"), rest.slice(0, length).join("/") || "main", rest.slice(length));
}

function parseUrl(text: string): SourcePlace | null {
  if (!URL.canParse(text)) return null;
  const url = new URL(text);
  if (url.username !== "" || url.password !== "") return null; // fetch refuses credentials in a URL
  url.hash = "";
  const hub = HUB_HOSTS.has(url.hostname) ? parseHubPage(url) : null;
  if (hub !== null) return hub;
  const last = decodeSegments(url)?.at(-1) ?? url.host;
  if (endsAsWeights(url.pathname)) return { kind: "file", url: url.href, name: weightsStem(last) };
  if (!url.pathname.endsWith("/")) url.pathname += "/";
  return { kind: "folder", url: url.href, name: last };
}

/** `path` ends in a folder, in a weight file, or in another file of the folder that is meant. */
function placeInFolder(root: string, path: readonly string[], name: string): SourcePlace {
  const last = path.at(-1) ?? "";
  const isFile = endsAsWeights(last) || /\.(?:json|md|txt)$/.test(last);
  const folders = isFile ? path.slice(0, -1) : path;
  const url = root + folders.map((folder) => `${encodeURIComponent(folder)}/`).join("");
  if (!endsAsWeights(last) || isNamedWeights(last)) return { kind: "folder", url, name };
  return { kind: "file", url: url + encodeURIComponent(last), name: `${name}/${weightsStem(last)}` };
}

function decodeSegments(url: URL): string[] | null {
  try {
    return url.pathname.split("/").filter(Boolean).map(decodeURIComponent);
  } catch {
    return null; // a stray % that encodes nothing
  }
}

function refuse(text: string, hint = ""): never {
  throw new VisionError(
    "source-unsupported",
    `model source: wanted an embedded model's name (lower-case letters, digits, ".", "_", "-"), hf:owner/name[@revision], ` +
      `or the http(s) URL of a model folder or a file of weights (${WEIGHT_ENDINGS.join(", ")}), got ${JSON.stringify(text.slice(0, 200))}.${hint}`,
  );
}
