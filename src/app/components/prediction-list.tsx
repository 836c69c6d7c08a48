import type { VNode } from "preact";
import type { Prediction } from "../../index.ts";
import { formatPercent } from "../format.ts";
import type { Photo } from "../state/photo.ts";
import { useApp } from "./app-context.ts";

type PredictionListProps = { readonly photo: Photo; readonly predictions: readonly Prediction[] };

/** The best labels, each with a bar as long as its probability. Choosing one shows what speaks for it. */
export const PredictionList = ({ photo, predictions }: PredictionListProps): VNode => {
  const { looking } = useApp();
  if (predictions.length === 0) return <p class="photo-state">The model gives no prediction.</p>;
  const asked = looking.chosen.value === photo ? looking.choice.value?.target : null;
  return (
    <ol class="predictions" data-testid="predictions" aria-label={`Predictions for ${photo.name}`}>
      {predictions.map(({ index, label, score }) => (
        <li key={index} data-label={label} data-score={score} data-index={index}>
          <button
            type="button"
            class="prediction-label"
            title={`Where it sees: ${label}`}
            aria-pressed={asked === index}
            onClick={() => looking.askClass(photo, index)}
          >
            {label}
          </button>
          <span class="prediction-score">{formatPercent(score)}</span>
          <span class="prediction-bar" aria-hidden="true" style={{ "--score": score }} />
        </li>
      ))}
    </ol>
  );
};
