import { effect, signal } from "@preact/signals";
import type { Player } from "../player.ts";
import type { WordChoice } from "./word-choice.ts";

/** How long each word is shown: the time it takes to see where its map lies. */
const FRAME = 900; // milliseconds

/** Goes through the words of a sentence once, first to last. */
export const createWordPlayer = ({ words, kept, keep, sentence }: WordChoice): Player => {
  const playing = signal(false);
  let moving = false;

  const show = (index: number): void => {
    moving = true;
    keep(index);
    moving = false;
  };
  const step = (): void => {
    const count = words.peek().length;
    const at = kept.peek() ?? -1;
    if (count > 0) show((at + 1) % count);
  };

  /** Whoever takes another word meanwhile goes on by hand. */
  const stopBy = effect(() => {
    void kept.value;
    void sentence.value;
    if (!moving) playing.value = false;
  });
  const stop = effect(() => {
    if (!playing.value) return;
    if (kept.value === null || kept.value === words.value.length - 1) return void (playing.value = false);
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
    dispose() {
      stopBy();
      stop();
    },
  };
};
