import type { EmbeddedModel } from "../../contract/model-folder.ts";
import type { ExpectedContent } from "./check-content.ts";
import { download, type DownloadOptions } from "./download.ts";

/**
 * What `models/index.json` (`{"models": EmbeddedModel[]}`) says of one model's weights. `null` where there is no index,
 * no such line, or no network: the weights then load unchecked. Never rejects.
 */
export async function expectedWeights(
  models: string,
  name: string,
  options: DownloadOptions,
): Promise<ExpectedContent | null> {
  try {
    const index = await download(new URL("index.json", models).href, { ...options, retryDelays: [] });
    if (index === null) return null;
    const parsed = JSON.parse(new TextDecoder().decode(index.bytes)) as { models?: readonly Partial<EmbeddedModel>[] };
    const line = parsed.models?.find((model) => model.name === name);
    if (typeof line?.sha256 !== "string" || !/^[0-9a-f]{64}$/.test(line.sha256)) return null;
    return { sha256: line.sha256, bytes: typeof line.bytes === "number" ? line.bytes : undefined };
  } catch {
    return null;
  }
}
