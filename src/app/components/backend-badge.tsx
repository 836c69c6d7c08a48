import type { TargetedFocusEvent, TargetedKeyboardEvent, VNode } from "preact";
import { backendTitle } from "../state/engine.ts";
import { useApp } from "./app-context.ts";

/** What computes, and on demand why this and not another. */
export const BackendBadge = (): VNode => {
  const { engine } = useApp();
  const backend = engine.backend.value;
  if (!backend) {
    return (
      <p class="backend" data-testid="backend">
        {engine.failure.value ? "Not running" : "Starting…"}
      </p>
    );
  }
  const title = backendTitle(backend);
  const untold = backend.rejected.filter(({ reason }) => !backend.reason.includes(reason));
  return (
    <details class="backend" onFocusOut={closeWhenLeft} onKeyDown={closeOnEscape}>
      <summary>
        <span class="backend-name" data-testid="backend" data-backend={backend.name} title={title}>
          {title}
        </span>
      </summary>
      <div class="backend-reasons" tabIndex={-1}>
        <p class="backend-full">{title}</p>
        <p>{backend.reason}</p>
        {untold.length > 0 && (
          <ul>
            {untold.map(({ name, reason }) => (
              <li key={name}>
                <strong>{name}</strong> not used: {reason}
              </li>
            ))}
          </ul>
        )}
      </div>
    </details>
  );
};

const closeWhenLeft = (event: TargetedFocusEvent<HTMLDetailsElement>): void => {
  const details = event.currentTarget;
  if (!(event.relatedTarget instanceof Node && details.contains(event.relatedTarget))) details.open = false;
};

/** Not for the page, where Escape cancels what is under way. */
const closeOnEscape = (event: TargetedKeyboardEvent<HTMLDetailsElement>): void => {
  if (event.key !== "Escape" || !event.currentTarget.open) return;
  event.preventDefault();
  event.currentTarget.open = false;
};
