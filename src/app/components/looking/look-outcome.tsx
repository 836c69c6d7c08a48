import type { VNode } from "preact";
import type { Inquiry } from "../../state/looking/inquiry.ts";
import { CardButton } from "../card-button.tsx";
import { FailureNote } from "../failure-note.tsx";

export type LookOutcomeProps = {
  readonly map: Pick<Inquiry<unknown>, "failure" | "cancelled" | "retry">;
  readonly what?: string;
};

/** What stands in the way of a map, and how to ask for it again. */
export const LookOutcome = ({ map, what = "The map was" }: LookOutcomeProps): VNode | null => {
  const again = <CardButton onPress={map.retry}>Try again</CardButton>;
  if (map.failure.value) return <FailureNote failure={map.failure.value}>{again}</FailureNote>;
  if (!map.cancelled.value) return null;
  return (
    <div class="photo-state">
      {what} cancelled. {again}
    </div>
  );
};
