import type { Signal } from "@preact/signals";
import { createContext } from "preact";
import { useContext } from "preact/hooks";
import type { InBoth, Language } from "./language.ts";
import type { LabPictures } from "./lab-pictures.ts";
import type { LabWorker } from "./lab-worker.ts";

type LabState = {
  readonly worker: LabWorker;
  readonly pictures: LabPictures;
  readonly language: Signal<Language>;
};

export const LabContext = createContext<LabState | null>(null);

export const useLab = (): LabState => useContext(LabContext)!; // the page stands inside it

/** Texts in the page's language. */
export const useWords = <Words>(words: InBoth<Words>): Words => words[useLab().language.value];

/** Whether the exhibit around is on screen; what it is not, computes nothing. */
export const VisibleContext = createContext(false);
