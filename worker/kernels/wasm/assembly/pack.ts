/** A row of four floats, or zeros where there is no such row. */
function rowPart(from: usize, there: bool): v128 {
  return there ? v128.load(from) : f32x4.splat(0);
}

/**
 * Rows become columns of a packed matrix (see product.ts): rows `[rows, depth]` → b `[depth, rows]`. Weights as PyTorch
 * has them, and the keys of a head, are packed so.
 */
export function packRows(from: usize, stride: usize, rows: i32, depth: i32, b: usize): void {
  for (let row = 0; row < rows; row += 4, from += stride << 2) {
    const to = b + <usize>(row >> 3) * ((<usize>depth) << 5) + ((<usize>(row & 4)) << 2);
    packFourRows(from, stride, rows - row, depth, to);
  }
}

function packFourRows(r0: usize, stride: usize, rows: i32, depth: i32, to: usize): void {
  let r1 = r0 + stride;
  let r2 = r1 + stride;
  let r3 = r2 + stride;
  const end = r0 + ((<usize>depth) << 2);
  const fours = r0 + ((<usize>(depth & ~3)) << 2);
  for (; r0 < fours; r0 += 16, r1 += 16, r2 += 16, r3 += 16, to += 128) {
    const x0 = v128.load(r0);
    const x1 = rowPart(r1, rows > 1);
    const x2 = rowPart(r2, rows > 2);
    const x3 = rowPart(r3, rows > 3);
    const low01 = i32x4.shuffle(x0, x1, 0, 4, 1, 5);
    const high01 = i32x4.shuffle(x0, x1, 2, 6, 3, 7);
    const low23 = i32x4.shuffle(x2, x3, 0, 4, 1, 5);
    const high23 = i32x4.shuffle(x2, x3, 2, 6, 3, 7);
    v128.store(to, i64x2.shuffle(low01, low23, 0, 2));
    v128.store(to, i64x2.shuffle(low01, low23, 1, 3), 32);
    v128.store(to, i64x2.shuffle(high01, high23, 0, 2), 64);
    v128.store(to, i64x2.shuffle(high01, high23, 1, 3), 96);
  }
  for (; r0 < end; r0 += 4, r1 += 4, r2 += 4, r3 += 4, to += 32) {
    f32.store(to, f32.load(r0));
    f32.store(to, rows > 1 ? f32.load(r1) : 0, 4);
    f32.store(to, rows > 2 ? f32.load(r2) : 0, 8);
    f32.store(to, rows > 3 ? f32.load(r3) : 0, 12);
  }
}

/** Rows stay rows: rows `[depth, columns]` → a packed b `[depth, columns]`: the values of a head. */
export function packColumns(from: usize, stride: usize, depth: i32, columns: i32, b: usize): void {
  for (let column = 0; column < columns; column += 8, from += 32) {
    let read = from;
    for (let row = 0; row < depth; row++, read += stride, b += 32) {
      v128.store(b, v128.load(read));
      v128.store(b, v128.load(read, 16), 16);
    }
  }
}
