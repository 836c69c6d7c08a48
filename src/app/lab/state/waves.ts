/** Numbers of −2 to 2 without a pattern for the eye, the same every time: `[rows, columns]`. */
export const waves = (rows: number, columns: number, step: number): number[][] =>
  Array.from({ length: rows }, (_, row) =>
    Array.from({ length: columns }, (__, at) => 2 * Math.sin(1 + (row * columns + at) * step)),
  );
