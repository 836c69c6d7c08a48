import { VisionError } from "../../contract/errors.ts";

/**
 * A file's URL in its folder. Shard indexes, which may come from anywhere, name files: a path that leaves the folder is
 * refused with `source-unsupported`. A query on the folder's URL (a signature, a token) goes with every file.
 */
export function fileUrl(folder: string, path: string): string {
  const segments = path.split("/");
  if (segments.some((segment) => segment === "" || segment === "." || segment === ".." || segment.includes("\\"))) {
    throw new VisionError(
      "source-unsupported",
      `file name: wanted a path inside ${folder}, got ${JSON.stringify(path)}.`,
    );
  }
  const url = new URL(folder);
  url.pathname += segments.map(encodeURIComponent).join("/");
  return url.href;
}
