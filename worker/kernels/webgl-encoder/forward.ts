import type { EncoderPlan } from "../encoder-engine.ts";
import type { Activations } from "./activations.ts";
import type { Dimensions } from "./dimensions.ts";
import type { Matrix } from "../webgl/matrices.ts";
import type { Network } from "./network.ts";
import { drawAll, type Draw, type Program, type Settings } from "../webgl/programs.ts";
import type { Block } from "./weights.ts";

/** The draws of one pass over `images` images. */
export class Forward {
  readonly #height: number; // of what has a row for every token
  readonly #tall: number; // of one image in it
  readonly #few: number; // of what has a row for every image
  readonly #streamed: number; // tiles across the residual stream

  constructor(
    readonly plan: EncoderPlan,
    readonly sizes: Dimensions,
    readonly network: Network,
    readonly made: Activations,
    readonly images: number,
    means: boolean, // whether the stream itself is to be read; no draw needs its rows' means
    readonly draw: Draw = drawAll,
  ) {
    this.#tall = sizes.seats / sizes.lanes;
    this.#height = images * this.#tall;
    this.#few = Math.ceil(images / sizes.lanes);
    this.#streamed = (means ? sizes.stream : sizes.width) / sizes.span;
  }

  /** patches → stream */
  embed(): void {
    const { network, made, sizes } = this;
    const depth = sizes.patch / sizes.span;
    const { patches, start } = network;
    const shown = [this.#streamed, this.#height] as const;
    this.draw(network.programs.add, made.stream, shown, [made.patches, patches, start], { depth, residual: 1 });
  }

  /**
   * stream → stream, by way of the scores; seven draws. Where `reach` is less than all tokens, only the first of each
   * image go through, and what shares a tile with them; a draw for each image, then.
   */
  block({ queryKeyValue, output, expand, contract }: Block, reach: number): void {
    const { sizes, made } = this;
    const { add, expand: bent, mix, normed, scores, statistics } = this.network.programs;
    const { stream, halfway } = made;
    const groups = sizes.keys / sizes.span;
    const joined = sizes.joined / sizes.span;
    const head = { depth: sizes.headWidth / sizes.span, groups, tall: this.#tall };
    const attended = made.queryKeyValue;
    this.draw(normed, attended, [attended.across, this.#height], [stream, queryKeyValue], this.#norm());
    const tiles = this.#firstTiles(Math.ceil(reach / sizes.lanes));
    const draw = (program: Program, target: Matrix, inputs: readonly Matrix[], settings: Settings): void => {
      const across = target === stream || target === halfway ? this.#streamed : target.across;
      for (const [down, top] of tiles) this.draw(program, target, [across, down, top], inputs, settings);
    };
    draw(scores, made.scores, [attended, attended], { ...head, keysAt: joined, tokens: sizes.tokens });
    draw(statistics, made.statistics, [made.scores], { groups });
    draw(mix, made.mixed, [made.scores, attended, made.statistics], { ...head, valuesAt: 2 * joined });
    draw(add, halfway, [made.mixed, output, stream], { depth: joined, residual: 1 });
    draw(bent, made.inner, [halfway, expand], this.#norm());
    draw(add, stream, [made.inner, contract, halfway], { depth: sizes.inner / sizes.span, residual: 1 });
  }

  /** So many lines of tiles of each image, from its first on; all of them are one part. */
  #firstTiles(down: number): readonly (readonly [down: number, top: number])[] {
    if (down === this.#tall) return [[this.#height, 0]];
    return Array.from({ length: this.images }, (_, image) => [down, image * this.#tall]);
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
      this.draw(bent, made.bent, few(made.bent), [made.picked, network.pooler], { depth });
    }
    if (!network.head) return;
    const other = network.distillationHead ?? network.patchHead;
    const answer = other ? made.oneHead : made.logits;
    this.draw(add, answer, few(answer), [made.pooled, network.head, made.pooled], { depth, residual: 0 });
    if (!other) return;
    this.#pool(made.picked, made.encoded, network.distillationHead ? { first: 1, count: 1 } : patches);
    this.draw(add, made.logits, few(answer), [made.picked, other, answer], { depth, residual: 1 });
  }

  #norm(): Settings {
    const { plan, sizes } = this;
    return { depth: sizes.width / sizes.span, width: plan.hiddenSize, epsilon: plan.layerNormEpsilon };
  }

  #normalise(target: Matrix, from: Matrix, height: number): void {
    const { programs, norm } = this.network;
    this.draw(programs.norm, target, [target.across, height], [from, norm], this.#norm());
  }

  #pool(target: Matrix, from: Matrix, tokens: { readonly first: number; readonly count: number }): void {
    const settings = { ...tokens, width: tokens.count, tall: this.#tall };
    this.draw(this.network.programs.pool, target, [target.across, this.#few], [from], settings);
  }
}
