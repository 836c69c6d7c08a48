import { batch, computed, effect, signal, untracked, type ReadonlySignal } from "@preact/signals";
import type { CaptionSentence, CaptionWord } from "../../../index.ts";
import type { Photo } from "../photo.ts";
import { sentencesOf, wordsOf } from "./caption-state.ts";

/** Which word of the chosen photo's sentence is looked into. */
export type WordChoice = {
  readonly sentences: ReadonlySignal<readonly CaptionSentence[]>; // best first; none until the best is final
  readonly sentence: ReadonlySignal<number>; // index of the one that is shown
  readonly words: ReadonlySignal<readonly CaptionWord[]>;
  readonly kept: ReadonlySignal<number | null>;
  /** Pointed at, else kept, else the newest while the sentence is being said. */
  readonly shown: ReadonlySignal<number | null>;
  readonly word: ReadonlySignal<CaptionWord | null>; // the one shown; its map lies over the photo
  /** Goes on showing a word; with null, again the map of the class. */
  readonly keep: (index: number | null) => void;
  readonly pointAt: (index: number | null) => void;
  readonly cell: ReadonlySignal<number | null>; // of the word's map, pointed at
  readonly pointAtCell: (cell: number | null) => void;
  readonly showSentence: (index: number) => void;
  readonly dispose: () => void;
};

/** `asked`: which map of the model's classes is asked for; whoever asks for another wants to see it. */
export const createWordChoice = (chosen: ReadonlySignal<Photo | null>, asked: ReadonlySignal<string>): WordChoice => {
  const kept = signal<number | null>(null);
  const pointed = signal<number | null>(null);
  const cell = signal<number | null>(null);
  const sentence = signal(0);
  const caption = computed(() => chosen.value?.caption.value ?? null);
  const sentences = computed(() => (caption.value ? sentencesOf(caption.value) : []));
  const words = computed(() => (caption.value ? wordsOf(caption.value, sentence.value) : []));
  const speaking = computed(() => caption.value?.kind === "running");
  const within = (index: number | null): number | null => (index !== null && index < words.value.length ? index : null);
  const newest = computed(() => (speaking.value && words.value.length > 0 ? words.value.length - 1 : null));
  const shown = computed(() => within(pointed.value) ?? within(kept.value) ?? newest.value);

  const letGo = (): void =>
    batch(() => {
      kept.value = null;
      pointed.value = null;
      cell.value = null;
      sentence.value = 0;
    });
  const silent = computed(() => words.value.length === 0);
  const ends = [
    effect(() => {
      void chosen.value;
      void silent.value; // another sentence begins
      untracked(letGo);
    }),
    effect(() => {
      void asked.value;
      kept.value = null;
    }),
  ];

  return {
    sentences,
    sentence,
    words,
    kept: computed(() => within(kept.value)),
    shown,
    word: computed(() => (shown.value === null ? null : (words.value[shown.value] ?? null))),
    keep: (index) => void (kept.value = index),
    pointAt: (index) => void (pointed.value = index),
    cell: computed(() => (shown.value === null ? null : cell.value)),
    pointAtCell: (index) => void (cell.value = index),
    showSentence: (index) =>
      batch(() => {
        kept.value = null;
        sentence.value = index;
      }),
    dispose: () => ends.forEach((end) => end()),
  };
};

/** Where a key of the keyboard leads among so many words; null for a key that leads nowhere. */
export const stepWord = (key: string, from: number, count: number): number | null => {
  const last = count - 1;
  switch (key) {
    case "ArrowRight":
    case "ArrowDown":
      return Math.min(from + 1, last);
    case "ArrowLeft":
    case "ArrowUp":
      return Math.max(from - 1, 0);
    case "Home":
      return 0;
    case "End":
      return last;
    default:
      return null;
  }
};
