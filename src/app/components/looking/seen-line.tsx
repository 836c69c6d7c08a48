import type { VNode } from "preact";
import { seesWhole } from "../../../overlay/cell-geometry.ts";
import { useApp } from "../app-context.ts";

/** Says so where the model saw a part of the photo only. */
export const SeenLine = (): VNode | null => {
  const heat = useApp().heat.value;
  if (!heat || seesWhole(heat.seen)) return null;
  return (
    <p class="hint" data-testid="seen">
      This model looks at the middle of a photo; what the map leaves free, it did not see.
    </p>
  );
};
