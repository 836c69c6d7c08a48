import type { Matrix } from "../webgl/matrices.ts";
import { drawAll, type Draw } from "../webgl/programs.ts";
import type { Activations, Room } from "./activations.ts";
import { layOut, type Dimensions, type Grid } from "./dimensions.ts";
import type { Network } from "./network.ts";
import type { Attention, Block, Convolution } from "./weights.ts";

/** A map on the GPU. */
export type Placed = { readonly matrix: Matrix; readonly grid: Grid };

type Epilogue = { readonly added?: Matrix | undefined; readonly bent?: boolean };

/** The draws of one pass over `images` images. */
export class Forward {
  /** The last map that was drawn; at first the one that `stem` draws. */
  map: Placed;

  constructor(
    readonly sizes: Dimensions,
    readonly network: Network,
    readonly made: Activations,
    readonly images: number,
    readonly draw: Draw = drawAll,
  ) {
    this.map = { matrix: made.stem, grid: sizes.stem };
  }

  /** image → map */
  stem(): void {
    const { made, sizes, network } = this;
    this.#convolve(this.map, { matrix: made.image, grid: sizes.image }, network.stem, { bent: true });
  }

  /** map → map; two draws, three where its shortcut is a convolution. */
  block({ grid, maps, inner }: Room, { first, second, shortcut }: Block): void {
    const from = this.map;
    const [target, other] = from.matrix === maps[0] ? [maps[1], maps[0]] : maps;
    const between = { matrix: inner, grid };
    this.#convolve(between, from, first, { bent: true });
    if (shortcut) this.#convolve({ matrix: other, grid }, from, shortcut);
    this.map = { matrix: target, grid };
    this.#convolve(this.map, between, second, { bent: true, added: shortcut ? other : from.matrix });
  }

  /** map → map, by way of the scores; five draws. */
  attend({ grid, maps }: Room, { queryKeyValue, output }: Attention): void {
    const { sizes, made, map } = this;
    const { scores, statistics, mix } = this.network.programs.attention!;
    const { queryKeyValue: seen, scores: scored, statistics: summed, mixed } = made.attention!;
    const small = sizes.attended!;
    const down = this.images * small.tall;
    const depth = mixed.across;
    const head = { depth, groups: scored.across, tall: small.tall };
    this.#convolve({ matrix: seen, grid: small }, map, queryKeyValue);
    this.draw(scores, scored, [scored.across, down], [seen, seen], {
      ...head,
      keysAt: depth,
      tokens: small.width * small.height,
    });
    this.draw(statistics, summed, [1, down], [scored], head);
    this.draw(mix, mixed, [depth, down], [scored, seen, summed], { ...head, valuesAt: 2 * depth });
    this.map = { matrix: map.matrix === maps[0] ? maps[1] : maps[0], grid };
    this.#convolve(this.map, { matrix: mixed, grid: small }, output, { added: map.matrix });
  }

  /** map → pooled and logits */
  answer(): void {
    const { network, made, images } = this;
    const { matrix, grid } = this.map;
    const { tile } = this.sizes;
    const row = layOut({ width: images, height: 1 }, 0, tile, 0); // a position for each image
    this.draw(network.programs.pool, made.pooled, [made.pooled.across, row.tall], [matrix], {
      first: 0,
      count: grid.tall * tile.lanes,
      tall: grid.tall,
      width: grid.width * grid.height,
    });
    if (network.head) {
      const pooled = { matrix: made.pooled, grid: row };
      this.#convolve({ matrix: made.logits, grid: row }, pooled, network.head, {}, 1);
    }
  }

  #convolve(
    target: Placed,
    from: Placed,
    { weights, reach, stride }: Convolution,
    { added, bent }: Epilogue = {},
    images = this.images,
  ): void {
    const { near, far } = this.network.programs;
    const [to, read] = [target.grid, from.grid];
    const program = reach === 3 && stride === 1 ? near : far;
    const inputs = [from.matrix, weights, added ?? from.matrix]; // a texture that is drawn to must not be bound
    this.draw(program, target.matrix, [target.matrix.across, images * to.tall], inputs, {
      depth: from.matrix.across,
      reach,
      stride,
      wide: to.width,
      pitch: to.pitch,
      size: to.height * to.pitch,
      tall: to.tall,
      pitchA: read.pitch,
      sizeA: read.height * read.pitch,
      tallA: read.tall,
      added: Number(added !== undefined),
      bent: Number(bent ?? false),
    });
  }
}
