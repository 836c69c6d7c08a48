import type { VNode } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import type { Activity } from "../state/activity.ts";
import { useApp } from "./app-context.ts";

/** What is under way, how far it is, and how to stop it. */
export const ActivityBar = (): VNode | null => {
  const activity = useApp().activity.value;
  return activity && <Bar {...activity} />;
};

const Bar = ({ label, amount, value, max, cancel }: Activity): VNode => {
  const bar = useRef<HTMLDivElement>(null);

  // Whoever is at its button when it goes, having pressed it or not, goes on with what stands below it.
  useLayoutEffect(() => {
    const own = bar.current;
    return () => {
      if (own?.contains(document.activeElement)) below()?.focus();
    };
  }, []);

  return (
    <div class="activity" ref={bar}>
      <p class="activity-text">
        <span>{label}</span>
        <span class="hint">{amount}</span>
      </p>
      <progress
        data-testid="progress"
        aria-label={label}
        aria-valuetext={amount || undefined}
        max={max}
        value={value ?? undefined}
      />
      <button type="button" class="button button-quiet" data-testid="cancel" title="Escape" onClick={cancel}>
        Cancel
      </button>
    </div>
  );
};

/** The photos, or before there are any the model: it was that which was loaded. */
const below = (): HTMLElement | null =>
  document.getElementById("photos-title") ?? document.getElementById("model-picker");
