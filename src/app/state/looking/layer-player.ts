import { effect, signal } from "@preact/signals";
import type { Player } from "../player.ts";
import type { Looking } from "./looking.ts";
import { layersOf, methodsOf } from "./methods.ts";

/** How long each layer is shown. */
const FRAME = 800; // milliseconds

/** Goes through the layers of raw attention, one after another. */
export const createLayerPlayer = (looking: Looking): Player => {
  const playing = signal(false);

  const step = (): void => {
    const model = looking.subject.peek()?.model;
    if (!model || !methodsOf(model).includes("raw")) return void (playing.value = false);
    const { method, layer } = looking.choice.peek() ?? { method: null, layer: null };
    const next = method === "raw" && layer !== null ? (layer + 1) % layersOf("raw", model) : 0;
    looking.change({ method: "raw", layer: next });
  };

  /** Each frame waits for its map, so that none is passed over. */
  const stop = effect(() => {
    if (!playing.value || looking.map.busy.value) return;
    if (looking.map.failure.value || looking.map.cancelled.value || looking.choice.value?.method !== "raw") {
      playing.value = false;
      return;
    }
    const timer = setTimeout(step, FRAME);
    return () => clearTimeout(timer);
  });

  return {
    playing,
    toggle() {
      if (playing.peek()) playing.value = false;
      else {
        step();
        playing.value = true;
      }
    },
    step,
    dispose: stop,
  };
};
