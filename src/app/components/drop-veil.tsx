import type { ReadonlySignal } from "@preact/signals";
import type { VNode } from "preact";

/** Covers the page while something is dragged over it. */
export const DropVeil = ({ shown }: { shown: ReadonlySignal<boolean> }): VNode | null =>
  shown.value ? (
    <div class="drop-veil" aria-hidden="true">
      <p>Drop to see what the model sees</p>
    </div>
  ) : null;
