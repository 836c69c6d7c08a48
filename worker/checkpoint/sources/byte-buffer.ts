/** Bytes as they arrive: one allocation where the length was told, doubling where it was not or was wrong. */
export class ByteBuffer {
  #bytes: Uint8Array<ArrayBuffer> = new Uint8Array(0);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  clear(): void {
    this.#bytes = new Uint8Array(0);
    this.#length = 0;
  }

  /** Makes room for `capacity` bytes in all. */
  reserve(capacity: number): void {
    if (capacity <= this.#bytes.length) return;
    const larger = new Uint8Array(capacity);
    larger.set(this.filled());
    this.#bytes = larger;
  }

  append(chunk: Uint8Array): void {
    const length = this.#length + chunk.length;
    if (length > this.#bytes.length) this.reserve(Math.max(length, 2 * this.#bytes.length, 65_536));
    this.#bytes.set(chunk, this.#length);
    this.#length = length;
  }

  /** What has arrived, as a view; valid until the next `append`. */
  filled(): Uint8Array<ArrayBuffer> {
    return this.#bytes.subarray(0, this.#length);
  }

  /** All the memory there is, filled or not. */
  whole(): Uint8Array<ArrayBuffer> {
    return this.#bytes;
  }

  /** What has arrived, owning exactly its memory; a copy only where more was reserved than came. */
  take(): Uint8Array<ArrayBuffer> {
    return this.#length === this.#bytes.length ? this.#bytes : this.#bytes.slice(0, this.#length);
  }
}
