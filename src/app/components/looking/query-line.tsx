import type { VNode } from "preact";
import { settingsOf } from "../../../index.ts";
import { formatValue } from "../../../overlay/legend.ts";
import { useApp } from "../app-context.ts";

/** Whose attention is shown, or the value of the patch that is pointed at. */
export const QueryLine = (): VNode | null => {
  const { looking } = useApp();
  const heat = looking.heat.value;
  const choice = looking.choice.value;
  const model = looking.subject.value?.model;
  if (!heat || !choice || !model) return null;
  const asks = settingsOf(choice.method).includes("query");
  const patch = looking.pointed.value ?? (typeof choice.query === "number" ? choice.query : null);
  const kept = asks && typeof choice.query === "number";
  const whole = model.prefixTokens > 0 ? "class token" : "whole picture";
  return (
    <div class="query">
      <p class="hint" data-testid="query">
        {patch === null ? tellWhole(asks, whole) : tellPatch(patch, heat.grid.width, asks ? null : heat.values[patch])}
      </p>
      {kept && (
        <button
          type="button"
          class="button button-quiet"
          data-testid="query-back"
          onClick={() => looking.askFrom(null)}
        >
          Back to the {whole}
        </button>
      )}
    </div>
  );
};

const tellWhole = (asks: boolean, whole: string): string =>
  asks ? `Seen from the ${whole}. Point at a patch to see from there.` : "Point at a patch for its value.";

const tellPatch = (patch: number, columns: number, value: number | null | undefined): string => {
  const place = `column ${(patch % columns) + 1}, row ${Math.floor(patch / columns) + 1}`;
  return value == null ? `Seen from the patch in ${place}.` : `The patch in ${place}: ${formatValue(value)}.`;
};
