import type { EncoderPlan } from "../encoder-engine.ts";
import type { Activations } from "./activations.ts";
import type { Dimensions } from "./dimensions.ts";
import type { Matrix } from "../webgl/matrices.ts";
import type { Network } from "./network.ts";
import type { Settings } from "../webgl/programs.ts";
import type { Block } from "./weights.ts";

/** The draws of one pass over `images` images. */
export class Forward {
  readonly #height: number; // of what has a row for every token
  readonly #tall: number; // of one image in it
  readonly #few: number; // of what has a row for every image
  readonly #streamed: readonly [number, number]; // tiles of the residual stream

  constructor(
    readonly plan: EncoderPlan,
    readonly sizes: Dimensions,
    readonly network: Network,
    readonly made: Activations,
    images: number,
    means: boolean, // whether the stream itself is to be read; no draw needs its rows' means
  ) {
    this.#tall = sizes.seats / sizes.lanes;
    this.#height = images * this.#tall;
    this.#few = Math.ceil(images / sizes.lanes);
    this.#streamed = [(means ? sizes.stream : sizes.width) / sizes.span, this.#height];
  }

  /** patches → stream */
  embed(): void {
    const { network, made, sizes } = this;
    const depth = sizes.patch / sizes.span;
    const { patches, start } = network;
    network.programs.add.draw(made.stream, this.#streamed, [made.patches, patches, start], { depth, residual: 1 });
  }

  /** stream → stream, by way of the scores; seven draws. */
  block({ queryKeyValue, output, expand, contract }: Block): void {
    const { sizes, made } = this;
    const { add, expand: bent, mix, normed, scores, statistics } = this.network.programs;
    const { stream, halfway } = made;
    const whole = ({ across }: Matrix): [number, number] => [across, this.#height];
    const groups = sizes.keys / sizes.span;
    const joined = sizes.joined / sizes.span;
    const head = { depth: sizes.headWidth / sizes.span, groups, tall: this.#tall };
    const attended = made.queryKeyValue;
    normed.draw(attended, whole(attended), [stream, queryKeyValue], this.#norm());
    const seen = { ...head, keysAt: joined, tokens: sizes.tokens };
    scores.draw(made.scores, whole(made.scores), [attended, attended], seen);
    statistics.draw(made.statistics, whole(made.statistics), [made.scores], { groups });
    const mixing = { ...head, valuesAt: 2 * joined };
    mix.draw(made.mixed, whole(made.mixed), [made.scores, attended, made.statistics], mixing);
    add.draw(halfway, this.#streamed, [made.mixed, output, stream], { depth: joined, residual: 1 });
    bent.draw(made.inner, whole(made.inner), [halfway, expand], this.#norm());
    add.draw(stream, this.#streamed, [made.inner, contract, halfway], { depth: sizes.inner / sizes.span, residual: 1 });
  }

  /** stream → encoded, pooled and what the heads make of them */
  readOut(): void {
    const { plan, made, sizes, network } = this;
    const patches = { first: sizes.prefix, count: sizes.tokens - sizes.prefix };
    const pooled = plan.pooling === "class" ? { first: 0, count: 1 } : patches;
    if (plan.finalNorm === "tokens") {
      this.#normalise(made.encoded, made.stream, this.#height);
      this.#pool(made.pooled, made.encoded, pooled);
    } else {
      this.#pool(made.picked, made.stream, pooled);
      this.#normalise(made.pooled, made.picked, this.#few);
    }
    const { bent, add } = network.programs;
    const depth = sizes.width / sizes.span;
    const few = ({ across }: Matrix): [number, number] => [across, this.#few];
    if (network.pooler && bent) {
      this.#pool(made.picked, made.encoded, { first: 0, count: 1 });
      bent.draw(made.bent, few(made.bent), [made.picked, network.pooler], { depth });
    }
    if (!network.head) return;
    const { distillationHead } = network;
    const answer = distillationHead ? made.oneHead : made.logits;
    add.draw(answer, few(answer), [made.pooled, network.head, made.pooled], { depth, residual: 0 });
    if (!distillationHead) return;
    this.#pool(made.picked, made.encoded, { first: 1, count: 1 });
    add.draw(made.logits, few(answer), [made.picked, distillationHead, answer], { depth, residual: 1 });
  }

  #norm(): Settings {
    const { plan, sizes } = this;
    return { depth: sizes.width / sizes.span, width: plan.hiddenSize, epsilon: plan.layerNormEpsilon };
  }

  #normalise(target: Matrix, from: Matrix, height: number): void {
    this.network.programs.norm.draw(target, [target.across, height], [from, this.network.norm], this.#norm());
  }

  #pool(target: Matrix, from: Matrix, tokens: { readonly first: number; readonly count: number }): void {
    const settings = { ...tokens, width: tokens.count, tall: this.#tall };
    this.network.programs.pool.draw(target, [target.across, this.#few], [from], settings);
  }
}
