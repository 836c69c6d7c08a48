import type { VNode } from "preact";
import { useApp } from "../app-context.ts";

/** Goes through the layers by itself; where motion is unwelcome, one layer at a time. */
export const PlayButton = (): VNode => {
  const { player } = useApp();
  const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  if (still) {
    return (
      <button type="button" class="button button-quiet" data-testid="play" onClick={player.step}>
        Next layer
      </button>
    );
  }
  const playing = player.playing.value;
  return (
    <button type="button" class="button button-quiet" data-testid="play" aria-pressed={playing} onClick={player.toggle}>
      {playing ? "Pause" : "Play through the layers"}
    </button>
  );
};
