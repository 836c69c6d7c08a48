import type { AppState } from "../state/app-state.ts";

/** To be read on the page and by screen readers. */
export const note = (app: AppState, text: string): void => {
  app.intakeNote.value = text;
  if (text !== "") app.announce(text);
};
