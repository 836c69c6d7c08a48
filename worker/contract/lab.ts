import type { BackendReport, JobId } from "./api.ts";
import type { Size } from "./geometry.ts";
import type { SeenArea } from "./pixels.ts";

/** Rows of numbers, as a page holds and edits them. */
export type Matrix = readonly (readonly number[])[];

export type AttentionQuestion = {
  readonly queries: Matrix; // [N, d]
  readonly keys: Matrix; // [M, d]
  readonly values: Matrix; // [M, dv]
  readonly scaled: boolean; // divided by √d
  readonly causal: boolean; // what comes later is hidden
  readonly real: number | null; // keys from this one on are padding, hidden; null for none
};

/** Every step from scores to what is mixed. */
export type AttentionSteps = {
  readonly products: number[][]; // [N, M], query · key
  readonly scores: number[][]; // [N, M], scaled if asked for
  readonly masked: number[][]; // [N, M], what goes into softmax
  readonly weights: number[][]; // [N, M], rows sum to 1
  readonly mixed: number[][]; // [N, dv]
};

export type SaturationQuestion = {
  readonly sizes: readonly number[]; // d of queries and keys, one after another
  readonly keys: number;
  readonly seed: number;
};

/** What softmax over the scores of random queries and keys is like at one d; means over the queries. */
export type Saturation = {
  readonly size: number; // d
  readonly largest: number; // weight of the key with the highest score, 1 / keys to 1
  readonly gradient: number; // norm of what comes back through softmax to the scores, of random numbers sent into it
};

export type PositionsQuestion = { readonly count: number; readonly width: number };

/** Positions as waves, and how alike they are. */
export type Positions = {
  readonly waves: number[][]; // [count, width]
  readonly products: number[][]; // [count, count], of each position with each; they depend on the distance alone
};

export type PermutationQuestion = {
  readonly tokens: Matrix; // [N, D], D even: there are two heads
  readonly order: readonly number[]; // the token that goes to each place; each once
  readonly positions: boolean; // whether they are added, to whatever token stands there
  readonly seed: number; // of the attention's weights
};

/** Self-attention over tokens as they are and in another order. */
export type Permuted = {
  readonly original: number[][]; // [N, D]
  readonly permuted: number[][]; // [N, D], of the tokens in the other order
  readonly reordered: number[][]; // [N, D], `original` in the other order: what `permuted` is without positions
  readonly difference: number; // the largest between the last two
};

/** n tokens of width d; k taps of a convolution; r neighbours that a restricted attention sees. */
export type LayerSizes = { readonly n: number; readonly d: number; readonly k: number; readonly r: number };

/** What one layer costs a sequence. */
export type LayerCost = {
  readonly operations: number; // multiply-adds, by order
  readonly sequentialSteps: number; // that cannot run side by side
  readonly longestPath: number; // layers or steps between any two tokens
};

export type LayerKind = "selfAttention" | "recurrent" | "convolution" | "restrictedAttention";

export type LayerCosts = Readonly<Record<LayerKind, LayerCost>>;

/** Milliseconds, the median of some runs on the backend in use. */
export type LayerTimes = Readonly<Record<Exclude<LayerKind, "restrictedAttention">, number>>;

export type ReachQuestion = {
  readonly length: number; // tokens
  readonly width: number; // of tokens and states
  readonly keepBias: number; // added to the gate that keeps the state, of GRU and LSTM; they are born with 1 or so
  readonly seed: number;
};

/** How one kind of layer reads a sequence. */
export type Reader = "rnn" | "gru" | "lstm" | "attention";

/** Of each kind: norm of the gradient that the last token's answer sends to the token `distance` before it, by distance. */
export type Reach = Readonly<Record<Reader, number[]>>; // [length] each

export type WarmUpQuestion = { readonly width: number; readonly warmup: number; readonly updates: number };

export type LessonPlan = {
  readonly task: "dates" | "words";
  readonly model: "attention" | "no-attention" | "transformer";
  readonly updates: number;
  readonly heldOut: number; // examples that are never learned from
  readonly seed: number; // a whole number below 2^32
  /** The rise and fall of Vaswani et al. 2017, times `rate`; null for the model's own learning rate. */
  readonly learning: {
    readonly rate: number;
    readonly schedule: { readonly kind: "inverse-square-root"; readonly width: number; readonly warmup: number };
  } | null;
};

export type LessonReport = {
  readonly update: number; // counted from 1
  readonly of: number;
  readonly loss: number; // nats a word
  readonly rate: number;
};

export type Examination = {
  readonly exactMatch: number; // share of what was held out that is written right in every character, 0 to 1
  readonly byLength: readonly { readonly length: number; readonly count: number; readonly share: number }[];
};

/** Characters of a text that somebody types: it is read in one go, and shown as columns of a table. */
export const LONGEST_TEXT = 200;

/** What was made of one text. */
export type WrittenText = {
  readonly written: string;
  readonly weights: number[][] | null; // [written + 1, source]: where it looked for each character and for the end; null without attention
};

/** A model in training; the page chooses its number. */
export type LessonId = number;

/** A picture of the visitor's. Its number is the page's choice: under the same number it is the same picture. */
export type LabPicture = { readonly id: number; readonly content: Blob };

/** Which cells a model divides a picture into, and over which part of it they lie. */
export type SeenCells = { readonly grid: Size; readonly seen: SeenArea };

/** The embedded ViT; T = prefix tokens + patches. */
export type SeenTokens = SeenCells & {
  readonly prefixTokens: number; // before the first patch: the class token
  readonly layers: number;
};

/** What a model says of the picture, and how sure it is. */
export type LabAnswer = {
  readonly label: string;
  readonly score: number; // of that label, 0 to 1
  readonly first: number; // of the label that the model as trained puts first
};

/** One way to look: a head's, or the mean of all heads'. */
export type HeadMap = {
  readonly weights: Float32Array; // [T(query), T(key)], rows sum to 1
  readonly breadth: Float32Array; // [T], exp of a row's entropy: among how many tokens it would be spread evenly
};

/** What the heads of one layer do, and what would be lost if all of them looked where they look on average. */
export type HeadMaps = SeenTokens & {
  readonly heads: readonly HeadMap[];
  readonly mean: HeadMap;
  readonly apart: Float32Array; // [T], how far the layer's attention then answers from what it answers, 0 for not at all
  readonly answers: {
    readonly trained: LabAnswer;
    readonly oneMapHere: LabAnswer;
    readonly oneMapEverywhere: LabAnswer;
  };
};

/** Where a token is on its way, in order; `pixels` for patches alone. */
export type TokenStepName =
  | "pixels" // of the patch, −1 to 1
  | "embedded" // the patch through the embedding; the class token as it was learned
  | "position" // what is added for its place
  | "input" // of the block
  | "normBefore"
  | "query"
  | "key"
  | "value"
  | "heads" // what each head mixed, side by side
  | "output" // through the layer behind the heads
  | "attended" // added to the input
  | "normAfter"
  | "expanded"
  | "activated"
  | "contracted"
  | "result"; // added once more

export type TokenStep = {
  readonly name: TokenStepName;
  readonly shape: readonly number[]; // of all tokens at this step
  readonly values: Float32Array; // of the one followed
  readonly norm: number;
};

/** One token on its way into the model and through one of its blocks. */
export type TokenSteps = SeenTokens & {
  readonly steps: readonly TokenStep[];
  readonly looked: readonly Float32Array[]; // of each head, [T], sums to 1
};

export type MapAttentionShown = SeenCells & {
  readonly weights: Float32Array; // [cells(query), cells(key)], rows sum to 1
  readonly inner: number; // channels of query, key and value
  readonly gamma: number; // as it was used
  readonly added: Float32Array; // [cells], what the module adds, over what was there
  readonly answer: LabAnswer;
};

/** What the lab's worker tells without being asked. */
export interface LabEvents {
  learned(job: JobId, report: LessonReport): void;
}

/**
 * The whole protocol between the lab's page and its worker. Jobs run side by side, a step of each in turn, so that a
 * training under way holds up no other exhibit. Every call rejects with a `VisionError` or an `AbortError`.
 */
export interface LabApi {
  /** `models`: absolute URL of the folder of embedded models, with a trailing slash. */
  start(models: string, events: LabEvents): Promise<BackendReport>;
  showAttention(job: JobId, question: AttentionQuestion): Promise<AttentionSteps>;
  measureSaturation(job: JobId, question: SaturationQuestion, scaled: boolean): Promise<Saturation[]>;
  showPositions(job: JobId, question: PositionsQuestion): Promise<Positions>;
  permuteTokens(job: JobId, question: PermutationQuestion): Promise<Permuted>;
  layerCosts(job: JobId, sizes: LayerSizes): Promise<LayerCosts>;
  timeLayers(job: JobId, sizes: LayerSizes): Promise<LayerTimes>;
  measureReach(job: JobId, question: ReachQuestion): Promise<Reach>;
  warmUpCurve(job: JobId, question: WarmUpQuestion): Promise<number[]>;
  /** Puts an untrained model there. It holds memory until `closeLesson`. */
  openLesson(job: JobId, lesson: LessonId, plan: LessonPlan): Promise<void>;
  /** Once; tells every update through `LabEvents`. Cancelled, the model stands as the last update left it. */
  learn(job: JobId, lesson: LessonId): Promise<void>;
  examine(job: JobId, lesson: LessonId): Promise<Examination>;
  write(job: JobId, lesson: LessonId, text: string): Promise<WrittenText>;
  closeLesson(lesson: LessonId): void;
  /** Of the embedded ViT. A picture that cannot be read rejects with `image-…`, a model with `source-…`. */
  showHeads(job: JobId, picture: LabPicture, layer: number): Promise<HeadMaps>;
  /** `token`: 0 to T − 1, the prefix first. */
  followToken(job: JobId, picture: LabPicture, layer: number, token: number): Promise<TokenSteps>;
  /** Of the embedded CNN, with γ times `gate`: 1 as it was trained, 0 without the module. */
  showMapAttention(job: JobId, picture: LabPicture, gate: number): Promise<MapAttentionShown>;
  /** Stops a job between two of its steps, or lets it go on. */
  hold(job: JobId, held: boolean): void;
  cancel(job: JobId): void;
  /** Answers at once while the worker lives and is between two steps of its work. */
  ping(): void;
}
