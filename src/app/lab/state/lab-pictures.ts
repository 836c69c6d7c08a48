import { batch, signal } from "@preact/signals";
import type { LabPicture } from "../../../../worker/contract/lab.ts";
import { drawPicture, scaleToSide } from "../../intake/draw-picture.ts";
import { examples } from "../../intake/examples.ts";
import { fetchPicture } from "../../intake/picture-address.ts";
import type { PhotoSource } from "../../state/photo.ts";

/** A picture with its pixels for the page; null where the browser cannot show it. */
export type GivenPicture = LabPicture & { readonly name: string; readonly canvas: HTMLCanvasElement | null };

const FIRST = 1; // of the examples: the bus, whose answer depends most on how many maps there are

const LONGEST_SIDE = 800; // pixels: sharp at the width of a column

/** The picture that some exhibits share: an example at first, then whatever the visitor gives. It stays in the browser. */
export class LabPictures {
  readonly current = signal<GivenPicture | null>(null);
  readonly failure = signal<unknown>(null); // of an example on its way here
  readonly dragging = signal(false); // something is held over the page
  #last = 0;

  /** What there is to see before the visitor has given anything. */
  begin(): void {
    if (this.#last === 0) void this.take(examples()[FIRST]!);
  }

  /** Resolves once the picture is there, or another has been given meanwhile. */
  async take({ name, content }: PhotoSource): Promise<void> {
    const id = ++this.#last;
    this.failure.value = null;
    try {
      const file = content instanceof URL ? await fetchPicture(content, new AbortController().signal) : content;
      const canvas = await drawPicture(file, scaleToSide(LONGEST_SIDE)).catch(() => null);
      if (id === this.#last) this.current.value = { id, name, content: file, canvas };
    } catch (failure) {
      if (id !== this.#last) return;
      batch(() => {
        this.current.value = null;
        this.failure.value = failure;
      });
    }
  }
}
