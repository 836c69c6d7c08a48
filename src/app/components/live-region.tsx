import type { VNode } from "preact";
import { useApp } from "./app-context.ts";

/** Reads results and errors out. The key makes equal texts in a row two announcements. */
export const LiveRegion = (): VNode => {
  const { text, turn } = useApp().announcement.value;
  return (
    <div class="visually-hidden" role="status" aria-live="polite">
      <p key={turn}>{text}</p>
    </div>
  );
};
