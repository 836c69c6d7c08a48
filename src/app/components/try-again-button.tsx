import type { VNode } from "preact";
import { focusCard } from "./focus-card.ts";

type TryAgainButtonProps = { readonly label?: string; readonly onTry: () => void };

/** On a photo's card, for what failed or was cancelled there. `label`: what is tried, for a screen reader, if not the map. */
export const TryAgainButton = ({ label, onTry }: TryAgainButtonProps): VNode => (
  <button
    type="button"
    class="button button-quiet"
    aria-label={label}
    onClick={(event) => {
      focusCard(event);
      onTry();
    }}
  >
    Try again
  </button>
);
