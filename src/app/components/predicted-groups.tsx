import type { VNode } from "preact";
import { groupPredictions, type ModelInfo, type Prediction } from "../../index.ts";
import { formatPercent } from "../format.ts";

type PredictedGroupsProps = { readonly predictions: readonly Prediction[]; readonly model: ModelInfo };

/** Predictions that mean one thing to people, counted together. */
export const PredictedGroups = ({ predictions, model }: PredictedGroupsProps): VNode => (
  <>
    {groupPredictions(predictions, model.labelGroups).map(({ label, score }) => (
      <p key={label} class="hint predicted-group" data-testid="predicted-group">
        {label}: {formatPercent(score)} together
      </p>
    ))}
  </>
);
