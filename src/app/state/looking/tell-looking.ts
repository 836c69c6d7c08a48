import { effect } from "@preact/signals";
import type { Photo } from "../photo.ts";
import type { Looking } from "./looking.ts";
import { METHOD_WORDS } from "./methods.ts";

/** Tells screen readers which map has taken another's place over the same photo, or why none has. Gives the end of it. */
export const tellLooking = (looking: Looking, announce: (text: string) => void): (() => void) => {
  let told: { readonly photo: Photo; readonly map: string } | null = null;
  return effect(() => {
    const photo = looking.chosen.value;
    const failure = looking.map.failure.value;
    if (failure) return announce(`No map. ${failure.title} ${failure.advice}`);
    const choice = looking.choice.value;
    if (!photo || !choice || looking.map.busy.value || looking.map.cancelled.value) return;
    const { method, layer, head, target } = choice;
    const map = JSON.stringify([method, layer, head, target]);
    if (told?.photo === photo && told.map !== map) announce(`${METHOD_WORDS[method].title} shown.`);
    told = { photo, map };
  });
};
