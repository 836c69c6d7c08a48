import * as v from "valibot";
import { VisionError } from "../../contract/errors.ts";
import type { EmbeddedModel } from "../../contract/model-folder.ts";
import type { ExpectedContent } from "./check-content.ts";
import { download, type DownloadOptions } from "./download.ts";

const INDEX = v.object({
  models: v.array(
    v.object({
      name: v.string(),
      type: v.picklist(["vit", "attention-cnn", "captioner"]),
      title: v.string(),
      summary: v.string(),
      bytes: v.number(),
      parameters: v.number(),
      sha256: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/)),
    }),
  ),
});

/**
 * The models served in the folder `models` (an absolute URL), as its `index.json` lists them.
 * Throws `source-not-found`, `source-not-json`, `config-malformed`, or what `download` throws.
 */
export async function listEmbeddedModels(models: string, options: DownloadOptions = {}): Promise<EmbeddedModel[]> {
  const url = new URL("index.json", models).href;
  const index = await download(url, options);
  if (index === null) throw new VisionError("source-not-found", `${url}: no list of models is served there.`);
  return parseIndex(new TextDecoder().decode(index.bytes), url);
}

/**
 * What the index says of one model's weights. `null` where there is no such line, no valid index, or no network: the
 * weights then load unchecked. Never rejects.
 */
export async function expectedWeights(
  models: string,
  name: string,
  options: DownloadOptions,
): Promise<ExpectedContent | null> {
  const listed = await listEmbeddedModels(models, { ...options, retryDelays: [] }).catch(() => []);
  const line = listed.find((model) => model.name === name);
  return line ? { sha256: line.sha256, bytes: line.bytes } : null;
}

function parseIndex(text: string, url: string): EmbeddedModel[] {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new VisionError("source-not-json", `${url}: wanted JSON, got "${text.slice(0, 40)}"`, { cause });
  }
  const parsed = v.safeParse(INDEX, value);
  if (parsed.success) return parsed.output.models;
  const [issue] = parsed.issues;
  throw new VisionError("config-malformed", `${url}: ${v.getDotPath(issue) ?? "the list"}: ${issue.message}`);
}
