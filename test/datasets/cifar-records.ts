/** One record as CIFAR's binary version has it: label bytes, then planes of red, green and blue, 32 × 32 each. */
export function cifarRecord(
  labels: readonly number[],
  colour: (x: number, y: number) => readonly number[],
): Uint8Array {
  const bytes = [...labels];
  for (let channel = 0; channel < 3; channel++) {
    for (let y = 0; y < 32; y++) for (let x = 0; x < 32; x++) bytes.push(colour(x, y)[channel]!);
  }
  return Uint8Array.from(bytes);
}

export const joinRecords = (...records: readonly Uint8Array[]): Uint8Array =>
  Uint8Array.from(records.flatMap((record) => [...record]));
