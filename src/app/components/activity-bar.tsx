import type { VNode } from "preact";
import { useApp } from "./app-context.ts";

/** What is under way, how far it is, and how to stop it. */
export const ActivityBar = (): VNode | null => {
  const activity = useApp().activity.value;
  if (!activity) return null;
  const { label, amount, value, max, cancel } = activity;
  return (
    <div class="activity">
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
