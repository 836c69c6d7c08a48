/** Takes pixels `[rows × width, 4]` of a band of rows, from the top; false: no more, please. */
export type TakeRows = (rgba: Uint8Array | Uint8ClampedArray) => boolean;
