import type { EmbeddedModel, FolderInput, Head, ModelInput, StoredModel } from "../../../index.ts";
import { formatBytes } from "../../format.ts";
import { isWeights } from "../../intake/sort-files.ts";

/** One entry of the model picker. */
export type ModelChoice = {
  readonly value: string; // unique; what `load` takes, where that is text
  readonly title: string;
  readonly summary: string | null; // one sentence, where somebody wrote one
  readonly size: string | null; // of the weights, for people
  readonly source: ModelInput;
  readonly describes: boolean; // known to say sentences; what an address or a file holds shows when it is loaded
  readonly taughtTo?: ModelChoice; // of a visitor's own classes: the model whose files they go with
};

/** Vision Transformers on the Hugging Face hub that load unchanged; bytes of model.safetensors. */
export const HUB_PRESETS: readonly ModelChoice[] = [
  hubPreset("WinKawaks/vit-tiny-patch16-224", "ViT Tiny", 22_900_000),
  hubPreset("facebook/deit-tiny-patch16-224", "DeiT Tiny", 22_900_000),
  hubPreset("google/vit-base-patch16-224", "ViT Base", 346_000_000),
  hubPreset("facebook/dinov2-with-registers-small", "DINOv2 Small, maps alone", 88_300_000),
];

function hubPreset(name: string, title: string, bytes: number): ModelChoice {
  return {
    value: `hf:${name}`,
    title,
    summary: null,
    size: formatBytes(bytes),
    source: `hf:${name}`,
    describes: false,
  };
}

/** The first of the embedded models that names classes, known before their list has come. */
export const FIRST_MODEL = "everyday-vit";

/** Which model a page that is to show the `wanted` ones loads first, where that can be told so early. */
export const firstToLoad = (wanted: readonly string[]): string | undefined => {
  if (wanted.length === 0) return FIRST_MODEL;
  return [FIRST_MODEL, ...HUB_PRESETS.map(({ value }) => value)].find((value) => wanted.includes(value));
};

export const embeddedChoice = (model: EmbeddedModel): ModelChoice => ({
  value: model.name,
  title: model.title,
  summary: model.summary,
  size: formatBytes(model.bytes),
  source: model.name,
  describes: model.type === "captioner",
});

/** A name or address somebody typed, or null where there is nothing to load. */
export const typedChoice = (text: string): ModelChoice | null => {
  const source = modelSourceOf(text.trim());
  if (source === "") return null;
  return { value: source, title: source.replace(/^hf:/, ""), summary: null, size: null, source, describes: false };
};

const HUB_PAGE = /^https:\/\/huggingface\.co\/([\w.-]+\/[\w.-]+)(?:\/tree\/([^/?#]+))?\/?$/;
const BARE_HUB_NAME = /^[\w.-]+\/[\w.-]+(@[\w./-]+)?$/;

/** People paste a model's page on the hub, or its bare `owner/name`: both mean `hf:`. */
const modelSourceOf = (text: string): string => {
  const [, name, revision] = HUB_PAGE.exec(text) ?? [];
  if (name !== undefined) return revision === undefined ? `hf:${name}` : `hf:${name}@${revision}`;
  return BARE_HUB_NAME.test(text) ? `hf:${text}` : text;
};

export const filesChoice = (files: readonly File[]): ModelChoice => {
  const weights = files.filter(({ name }) => isWeights(name));
  const bytes = weights.reduce((sum, file) => sum + file.size, 0);
  const title = folderName(files) ?? weights[0]?.name ?? files[0]?.name ?? "files";
  const size = weights.length > 0 ? formatBytes(bytes) : null;
  return { value: `files:${title}`, title, summary: null, size, source: files, describes: false };
};

const folderName = (files: readonly File[]): string | null => {
  const [folder, rest] = (files[0]?.webkitRelativePath ?? "").split("/");
  return folder && rest ? folder : null;
};

/** The part of a stored model's URL that people know it by. */
export const shortOrigin = (origin: string): string => {
  if (!URL.canParse(origin)) return origin;
  const { hostname, pathname } = new URL(origin);
  const parts = pathname.split("/").filter((part) => part !== "");
  const shown = hostname === "huggingface.co" ? parts.slice(0, 2) : parts.slice(-1);
  return shown.join("/") || hostname;
};

/** Whether this browser keeps files of one that the page offers. */
export const isKept = ({ value }: ModelChoice, stored: readonly StoredModel[]): boolean =>
  stored.some(({ origin }) => shortOrigin(origin) === value.replace(/^hf:/, ""));

/**
 * A model's own files with another head. What is taught to a model takes the place of what was taught to it before; what
 * is opened from a file takes that of the same file alone: the classes taught here may not be saved yet.
 */
export const headedChoice = (model: ModelChoice, head: Head, file?: string): ModelChoice => {
  const taughtTo = model.taughtTo ?? model;
  const opened = file !== undefined;
  return {
    value: `${opened ? `opened:${file}` : "taught"}:${taughtTo.value}`,
    title: `Yours: ${head.labels.join(", ")}${opened ? ` (${file})` : ""}`,
    summary: null,
    size: null,
    source: { from: folderOf(taughtTo.source), head },
    describes: false,
    taughtTo,
  };
};

/** A visitor's own classes, or null for a model with those it came with. */
export const headOf = ({ source }: ModelChoice): Head | null => (isHeaded(source) ? source.head : null);

/** Where a model's own files are, whatever head it has. */
export const folderOf = (source: ModelInput): FolderInput => (isHeaded(source) ? source.from : source);

const isHeaded = (source: ModelInput): source is Exclude<ModelInput, FolderInput> =>
  typeof source === "object" && "head" in source;

/** What another page may know a model by, that of taught classes by what they were taught to; null for files. */
export const linkedName = ({ taughtTo, source, value }: ModelChoice): string | null => {
  if (taughtTo) return linkedName(taughtTo);
  return typeof source === "string" ? value : null;
};
