import type {
  BackendReport,
  Caption,
  CaptionOptions,
  CaptionSentence,
  CaptionWord,
  Classification,
  EmbeddedModel,
  ExplainQuestion,
  Faithfulness,
  HeadFigures,
  HeadHeats,
  Heat,
  HeatMatrix,
  ModelInfo,
  Vision,
} from "../../../src/index.ts";
import { heatOfQuery } from "../../../src/index.ts";
import { abortError } from "../../../worker/contract/errors.ts";
import type { CallOptions } from "../../../worker/contract/progress.ts";

/** A call that a test settles by hand; an abort of its signal rejects it, as the real ones do. */
export type Call<Input, Answer, Options = CallOptions> = {
  readonly input: Input;
  readonly options: Options;
  resolve(answer: Answer): void;
  reject(error: unknown): void;
};

export type FakeVision = Vision & {
  readonly loads: Call<unknown, ModelInfo>[];
  readonly classifications: Call<unknown, Classification>[];
  readonly captions: Call<unknown, Caption, CaptionOptions>[];
  readonly maps: Call<unknown, Heat | HeatMatrix>[]; // explain and explainAll
  readonly heads: Call<unknown, HeadHeats>[];
  readonly figures: Call<unknown, HeadFigures>[];
  readonly tests: Call<Heat, Faithfulness>[];
  readonly unloaded: ModelInfo[];
  readonly forgotten: string[];
  disposed: boolean;
};

export const BACKEND: BackendReport = {
  name: "wasm",
  renderer: null,
  software: false,
  threads: 1,
  precision: "float32",
  reason: "No GPU.",
  rejected: [],
};

export const EMBEDDED = [
  {
    name: "small",
    type: "vit",
    title: "Small",
    summary: "A few things.",
    bytes: 2_500_000,
    parameters: 1_250_000,
    sha256: "00",
  },
] satisfies EmbeddedModel[];

export const EMBEDDED_CAPTIONER: EmbeddedModel = {
  name: "small-captioner",
  type: "captioner",
  title: "Small captioner",
  summary: "Says little.",
  bytes: 12_000_000,
  parameters: 6_000_000,
  sha256: "00",
};

export const fakeVision = (embedded: readonly EmbeddedModel[] = EMBEDDED): FakeVision => {
  const loads: FakeVision["loads"] = [];
  const classifications: FakeVision["classifications"] = [];
  const captions: FakeVision["captions"] = [];
  const maps: FakeVision["maps"] = [];
  const heads: FakeVision["heads"] = [];
  const figures: FakeVision["figures"] = [];
  const tests: FakeVision["tests"] = [];
  const unloaded: ModelInfo[] = [];
  const forgotten: string[] = [];
  const fake = {
    backend: BACKEND,
    loads,
    classifications,
    captions,
    maps,
    heads,
    figures,
    tests,
    unloaded,
    forgotten,
    disposed: false,
    load: (source: unknown, options: CallOptions = {}) => record(loads, source, options),
    classify: (image: unknown, options: CallOptions = {}) => record(classifications, image, options),
    caption: (image: unknown, options: CaptionOptions = {}) => record(captions, image, options),
    explain: (image: unknown, options: CallOptions = {}) => record(maps, image, options),
    explainAll: (image: unknown, options: CallOptions = {}) => record(maps, image, options),
    explainHeads: (image: unknown, options: CallOptions = {}) => record(heads, image, options),
    measureHeads: (image: unknown, options: CallOptions = {}) => record(figures, image, options),
    measureFaithfulness: (_: unknown, heat: Heat, options: CallOptions) => record(tests, heat, options),
    unload: async (model: ModelInfo) => void unloaded.push(model),
    status: () => Promise.reject(new Error("not asked for by the app")),
    embeddedModels: async () => embedded,
    storedModels: async () => [{ origin: "https://example.org/vit/", bytes: 9, files: 2 }],
    forgetModel: async (origin: string) => void forgotten.push(origin),
    dispose: async () => void (fake.disposed = true),
  };
  return fake as unknown as FakeVision; // `classify` and `caption` are overloaded; the app calls them with one image
};

const record = <Input, Answer, Options extends CallOptions>(
  calls: Call<Input, Answer, Options>[],
  input: Input,
  options: Options,
): Promise<Answer> =>
  new Promise((resolve, reject) => {
    calls.push({ input, options, resolve, reject });
    if (options.signal?.aborted) reject(abortError());
    options.signal?.addEventListener("abort", () => reject(abortError()));
  });

export const modelInfo = (id: number, name = `model ${id}`): ModelInfo => ({
  id,
  name,
  origin: name,
  type: "vit",
  parameters: 10,
  weightBytes: 20,
  dtype: "F32",
  labels: ["cat", "dog"],
  recipeAssumed: false,
  labelsAssumed: false,
  labelGroups: [],
  scoring: "softmax",
  inputSize: { width: 4, height: 4 },
  gridSpan: { width: 4, height: 4 },
  grid: { width: 2, height: 2 },
  layers: 1,
  heads: 1,
  prefixTokens: 1,
  hiddenStates: 2,
  pooler: false,
});

export const answer = (label: string, score = 0.75): Classification => ({
  predictions: [{ index: 0, label, score }],
  seen: {
    source: { width: 4, height: 4 },
    resized: { width: 4, height: 4 },
    crop: { left: 0, top: 0, width: 4, height: 4 },
  },
  milliseconds: { decode: 1, model: 2 },
});

export const captionerInfo = (id: number): ModelInfo => ({ ...modelInfo(id), type: "captioner", labels: [] });

/** A word that the model looks for in one of 2 × 2 places, one after another. */
export const word = (text: string, place: number, probability = 0.5): CaptionWord => ({
  text,
  probability,
  map: heatOfQuery(matrix(), place % 4),
  alternatives: [
    { text, probability },
    { text: `no ${text}`, probability: probability / 2 },
  ],
});

const sentence = (text: string, score: number): CaptionSentence => ({
  text,
  words: text.split(" ").map((each, index) => word(each, index)),
  score,
  logProbability: score * 4,
  ended: true,
});

/** The best sentence first. */
export const caption = (best: string, ...others: readonly string[]): Caption => ({
  ...sentence(best, -0.25),
  others: others.map((text, rank) => sentence(text, -0.5 - rank)),
  seen: answer("").seen,
  milliseconds: { decode: 1, model: 2 },
});

/** Token q looks at token k with weight q + k / 10: one class token, then 2 × 2 patches. */
export const matrix = (question: ExplainQuestion = {}): HeatMatrix => {
  const { method = "rollout", layer = null, head = null, target = null, discard = null } = question;
  return {
    matrix: Float32Array.from({ length: 25 }, (_, i) => Math.floor(i / 5) + (i % 5) / 10),
    prefixTokens: 1,
    grid: { width: 2, height: 2 },
    settings: { method, layer, head, query: null, target, discard },
    seen: answer("").seen,
  };
};

/** Lets everything that is ready to go on go on. */
export const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
