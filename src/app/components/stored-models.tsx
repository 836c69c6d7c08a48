import type { VNode } from "preact";
import { useEffect } from "preact/hooks";
import { formatBytes } from "../format.ts";
import { shortOrigin } from "../state/models/model-choices.ts";
import { useApp } from "./app-context.ts";
import { focusNeighbour } from "./focus-neighbour.ts";

/** What this browser keeps of downloaded models, and how to be rid of it. */
export const StoredModels = (): VNode | null => {
  const { models } = useApp();
  const stored = models.stored.value;

  // Another tab may have kept or deleted some meanwhile.
  useEffect(() => {
    const ending = new AbortController();
    const refresh = (): void => void (document.hidden || models.refreshStored());
    document.addEventListener("visibilitychange", refresh, { signal: ending.signal });
    return () => ending.abort();
  }, [models]);

  if (stored.length === 0) return null;
  const bytes = stored.reduce((sum, model) => sum + model.bytes, 0);
  return (
    <details class="more" data-testid="stored-models" onToggle={() => void models.refreshStored()}>
      <summary>Kept in this browser · {formatBytes(bytes)}</summary>
      <ul class="stored">
        {stored.map((model) => (
          <li key={model.origin}>
            <span class="stored-name" title={model.origin}>
              {shortOrigin(model.origin)}
            </span>
            <span class="hint">{formatBytes(model.bytes)}</span>
            <button
              type="button"
              class="button button-quiet"
              aria-label={`Delete ${shortOrigin(model.origin)} from this browser`}
              onClick={(event) => {
                focusNeighbour(event.currentTarget, "button", () => document.getElementById("model-picker"));
                void models.forget(model.origin);
              }}
            >
              Delete
            </button>
          </li>
        ))}
      </ul>
    </details>
  );
};
