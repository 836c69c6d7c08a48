/**
 * Positions as waves (Vaswani et al. 2017), `[count, width]` row by row: sin(p / 10000^(i / width)) at an even i, and
 * the cosine of the same angle behind it.
 */
export function sinusoidalPositions(count: number, width: number): Float32Array {
  return Float32Array.from({ length: count * width }, (_, at) => {
    const column = at % width;
    const angle = Math.floor(at / width) / 10000 ** ((column - (column % 2)) / width);
    return column % 2 === 0 ? Math.sin(angle) : Math.cos(angle);
  });
}
