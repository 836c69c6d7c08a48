import { VisionError } from "../contract/errors.ts";

/** Throws `input-shape` unless `tensor` has the wanted shape; `null` stands for any size. */
export function expectShape(
  what: string,
  tensor: { readonly shape: readonly number[] },
  wanted: readonly (number | null)[],
): void {
  const { shape } = tensor;
  const fits = shape.length === wanted.length && wanted.every((size, axis) => size === null || size === shape[axis]);
  if (fits) return;
  const expected = wanted.map((size) => size ?? "*").join(", ");
  throw new VisionError("input-shape", `${what}: expected [${expected}], got [${shape.join(", ")}]`);
}
