import { VisionError } from "../../contract/errors.ts";
import type { FolderSource, ModelFolder } from "../../contract/model-folder.ts";
import { WEIGHT_PLACES, WEIGHTS_FILE } from "../weight-files.ts";
import { download } from "./download.ts";
import { expectedWeights } from "./embedded-models.ts";
import { fileFolder } from "./file-folder.ts";
import { parseSource, type SourcePlace } from "./parse-source.ts";
import { urlFolder, type UrlFolderOptions } from "./url-folder.ts";

export type ResolveOptions = UrlFolderOptions & {
  readonly models: string; // absolute URL of the folder of embedded models, with a trailing slash
};

/**
 * Finds the folder a source names, without reading a file of it. Text forms: see `parseSource`.
 * Rejects with `source-unsupported` for what is no source at all.
 */
export async function resolveSource(source: FolderSource, options: ResolveOptions): Promise<ModelFolder> {
  const folder = source.kind === "files" ? fileFolder(source.files) : placeFolder(parseSource(source.text), options);
  return { ...folder, readShared: sharedFiles(options) };
}

/** Files beside the embedded models, asked for once. */
const sharedFiles =
  ({ models, fetch }: ResolveOptions): ModelFolder["read"] =>
  async (path, call) => {
    const file = await download(new URL(path, models).href, { signal: call?.signal, fetch, retryDelays: [] });
    return file && file.bytes;
  };

function placeFolder(place: SourcePlace, options: ResolveOptions): ModelFolder {
  switch (place.kind) {
    case "folder":
      return urlFolder(place, options);
    case "file":
      return bareFile(place.url, place.name, options);
    case "embedded":
      return embeddedFolder(place.name, options);
  }
}

/** One weight file: it stands for `model.safetensors`, and only the small files beside it are looked for. */
function bareFile(file: string, name: string, options: ResolveOptions): ModelFolder {
  const url = new URL(".", file).href;
  const instead = new Map<string, string | null>(WEIGHT_PLACES.flat().map((other) => [other, null]));
  instead.set(WEIGHTS_FILE, file);
  return urlFolder({ url, name, origin: file, weightsName: file, instead }, options);
}

function embeddedFolder(name: string, options: ResolveOptions): ModelFolder {
  const { models, fetch } = options;
  if (!URL.canParse(models))
    throw new VisionError("invalid-argument", `models: wanted an absolute URL, got ${JSON.stringify(models)}.`);
  return urlFolder(
    {
      url: new URL(`${name}/`, models).href,
      name,
      expected: async (path, { signal }) =>
        path === WEIGHTS_FILE ? expectedWeights(models, name, { signal, fetch }) : null,
    },
    options,
  );
}
