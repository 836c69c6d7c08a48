import { VisionError } from "../../contract/errors.ts";

/** Bounds-checked reads; past the end they throw `image-corrupt`. Big-endian unless said otherwise. */
export class ByteView {
  readonly length: number;

  constructor(
    readonly bytes: Uint8Array,
    private readonly format: string, // for messages
  ) {
    this.length = bytes.length;
  }

  byte(at: number): number {
    const value = this.bytes[at];
    if (value === undefined) {
      throw new VisionError(
        "image-corrupt",
        `${this.format} header: wanted a byte at ${at}, got a file of ${this.length} bytes; it is truncated, fetch it again`,
      );
    }
    return value;
  }

  u16(at: number): number {
    return this.byte(at) * 0x100 + this.byte(at + 1);
  }

  u32(at: number): number {
    return this.u16(at) * 0x10000 + this.u16(at + 2);
  }

  u16LittleEndian(at: number): number {
    return this.byte(at) + this.byte(at + 1) * 0x100;
  }

  u24LittleEndian(at: number): number {
    return this.u16LittleEndian(at) + this.byte(at + 2) * 0x10000;
  }

  u32LittleEndian(at: number): number {
    return this.u16LittleEndian(at) + this.u16LittleEndian(at + 2) * 0x10000;
  }

  /** Whether these bytes, read as Latin letters, stand here; past the end they do not. */
  says(at: number, text: string): boolean {
    for (let i = 0; i < text.length; i++) if (this.bytes[at + i] !== text.charCodeAt(i)) return false;
    return true;
  }

  /** What is wrong inside a file, as an error to throw. */
  corrupt(what: string): VisionError {
    return new VisionError("image-corrupt", `${this.format} file: ${what}; the file is damaged`);
  }
}
