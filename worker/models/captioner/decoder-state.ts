import { clone, dispose, gather, tidy, type Tensor, type Tensor3D } from "@tensorflow/tfjs-core";
import { expectRows } from "../../kernels/caption-rows.ts";

/** Named tensors with one row for each caption, along the first axis. */
type Rows = Readonly<Record<string, Tensor>>;

/** What one layer of a decoder keeps. */
export type LayerState<Memory extends Rows, Written extends Rows | null> = {
  readonly memory: Memory; // of the photo: computed once, the same in every step
  readonly written: Written; // of the words so far
};

/** How far some captions are written, row by row. Its tensors are its owner's, who ends it with `releaseState`. */
export type DecoderState<Memory extends Rows = Rows, Written extends Rows | null = Rows | null> = {
  readonly photos: readonly number[]; // which photo each row tells about
  readonly length: number; // tokens written so far
  readonly layers: readonly LayerState<Memory, Written>[];
};

/** What a decoder answers to T given words for each row. */
export type DecoderRun<State> = {
  readonly logits: Tensor3D; // [rows, T, V], what could come behind each word
  readonly alphas: Tensor3D; // [rows, T, L], where the decoder looked to tell; each row sums to 1
  readonly state: State;
};

/** No words yet: one row for each of `count` photos. */
export const emptyState = <Memory extends Rows, Written extends Rows | null>(
  count: number,
  layers: readonly LayerState<Memory, Written>[],
): DecoderState<Memory, Written> => ({ photos: Array.from({ length: count }, (_, photo) => photo), length: 0, layers });

/**
 * A state whose row i goes on from row `rows[i]` of this one, which stays as it is: rows may repeat, and be left out.
 * What belongs to the photo is only copied where a row changes its photo. Throws `invalid-argument`.
 */
export function reorderState<Memory extends Rows, Written extends Rows | null>(
  { photos, length, layers }: DecoderState<Memory, Written>,
  rows: readonly number[],
): DecoderState<Memory, Written> {
  expectRows(rows, photos.length);
  const told = rows.map((row) => photos[row]!);
  const samePhotos = told.length === photos.length && told.every((photo, row) => photo === photos[row]);
  return {
    photos: told,
    length,
    layers: layers.map(({ memory, written }) => ({
      memory: mapRows(memory, samePhotos ? clone : (tensor) => gatherRows(tensor, rows)),
      written: written && mapRows(written, (tensor) => gatherRows(tensor, rows)),
    })),
  };
}

/** Gives back the memory of a state. Others made from it stay whole. */
export const releaseState = ({ layers }: DecoderState): void => {
  for (const { memory, written } of layers) dispose([...Object.values(memory), ...Object.values(written ?? {})]);
};

const mapRows = <T extends Rows>(tensors: T, map: (tensor: Tensor) => Tensor): T =>
  Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [name, map(tensor)])) as T;

const gatherRows = (tensor: Tensor, rows: readonly number[]): Tensor => tidy(() => gather(tensor, [...rows]));
