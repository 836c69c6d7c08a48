/** As much of Protocol Buffers' wire format (https://protobuf.dev/programming-guides/encoding) as an ONNX file takes. */
export type Field = Uint8Array;

const utf8 = new TextEncoder();

function variable(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) + 128);
  return [...bytes, rest];
}

const key = (field: number, wire: 0 | 2 | 5): number[] => variable(field * 8 + wire);

/** A whole number from 0, or −1. */
export const integer = (field: number, value: number): Field =>
  Uint8Array.from([...key(field, 0), ...(value < 0 ? [...Array<number>(9).fill(255), 1] : variable(value))]);

export const float = (field: number, value: number): Field =>
  Uint8Array.from([...key(field, 5), ...new Uint8Array(Float32Array.of(value).buffer)]);

export function bytes(field: number, value: Uint8Array): Field {
  return joined([Uint8Array.from([...key(field, 2), ...variable(value.length)]), value]);
}

export const text = (field: number, value: string): Field => bytes(field, utf8.encode(value));

export const message = (field: number, fields: readonly Field[]): Field => bytes(field, joined(fields));

export function joined(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
