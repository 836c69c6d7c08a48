import type { VNode } from "preact";
import type { Prediction } from "../../index.ts";
import { formatPercent } from "../format.ts";

type PredictionListProps = { readonly photo: string; readonly predictions: readonly Prediction[] };

/** The best labels, each with a bar as long as its probability. */
export const PredictionList = ({ photo, predictions }: PredictionListProps): VNode => {
  if (predictions.length === 0) return <p class="photo-state">The model gives no prediction.</p>;
  return (
    <ol class="predictions" data-testid="predictions" aria-label={`Predictions for ${photo}`}>
      {predictions.map(({ index, label, score }) => (
        <li key={index} data-label={label} data-score={score} data-index={index}>
          <span class="prediction-label" title={label}>
            {label}
          </span>
          <span class="prediction-score">{formatPercent(score)}</span>
          <span class="prediction-bar" aria-hidden="true" style={{ "--score": score }} />
        </li>
      ))}
    </ol>
  );
};
