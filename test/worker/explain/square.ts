/** Square matrices in float64, to write the papers' formulas with. */
export type Square = readonly (readonly number[])[];

export const square = (values: ArrayLike<number>): Square => {
  const size = Math.sqrt(values.length);
  return Array.from({ length: size }, (_, row) => Array.from({ length: size }, (_, at) => values[row * size + at]!));
};

/** Entry by entry. */
export const mapSquare = (matrix: Square, change: (value: number, row: number, column: number) => number): Square =>
  matrix.map((row, at) => row.map((value, column) => change(value, at, column)));

export const times = (a: Square, b: Square): Square =>
  mapSquare(a, (_, row, column) => a[row]!.reduce((sum, value, inner) => sum + value * b[inner]![column]!, 0));

export const plus = (a: Square, b: Square): Square => mapSquare(a, (value, row, column) => value + b[row]![column]!);

export const identity = (size: number): Square =>
  mapSquare(square(new Float64Array(size * size)), (_, i, j) => Number(i === j));

export const withRowsOfOne = (matrix: Square): Square =>
  matrix.map((row) => row.map((value) => value / row.reduce((sum, other) => sum + other, 0)));

/** The heads `[H, T, T]` of one picture, apart. */
export function headsOf(values: Float32Array, heads: number): Square[] {
  const size = values.length / heads;
  return Array.from({ length: heads }, (_, head) => square(values.subarray(head * size, (head + 1) * size)));
}
