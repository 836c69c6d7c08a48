/**
 * One byte of Pillow's `Image.blend(from, to, factor)`, which its `ImageEnhance` is made of: in float32, what is behind
 * the point cut off, clipped to 0 … 255. Factors outside 0 … 1 go past the ends. `factor` is a float32 number.
 */
export function blendByte(from: number, to: number, factor: number): number {
  const mixed = Math.fround(from + Math.fround(factor * (to - from)));
  return mixed <= 0 ? 0 : mixed >= 255 ? 255 : mixed | 0;
}
