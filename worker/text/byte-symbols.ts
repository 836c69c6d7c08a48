/**
 * GPT-2 writes each byte as one printable character: those that are visible in Latin-1 as themselves, the others, in
 * order, as the characters from U+0100 on. So a space is Ġ, and a line feed Ċ.
 */
const isVisible = (byte: number): boolean =>
  (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte <= 0xac) || (byte >= 0xae && byte <= 0xff);

function listSymbols(): string[] {
  let moved = 0x100;
  return Array.from({ length: 256 }, (_, byte) => String.fromCharCode(isVisible(byte) ? byte : moved++));
}

export const BYTE_SYMBOLS: readonly string[] = listSymbols();
const BYTES: ReadonlyMap<string, number> = new Map(BYTE_SYMBOLS.map((symbol, byte) => [symbol, byte]));

const encoder = new TextEncoder();

/** Text → the symbols of its UTF-8; a lone surrogate is written as U+FFFD. */
export const toSymbols = (text: string): string[] => Array.from(encoder.encode(text), (byte) => BYTE_SYMBOLS[byte]!);

/** Symbols → bytes; a character that stands for none, as an added token may have, as its own UTF-8. */
export const toBytes = (symbols: string): number[] =>
  Array.from(symbols).flatMap((symbol) => BYTES.get(symbol) ?? Array.from(encoder.encode(symbol)));
