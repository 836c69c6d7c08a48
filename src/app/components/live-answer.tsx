import type { VNode } from "preact";
import { formatPercent } from "../format.ts";
import { useApp } from "./app-context.ts";
import { FailureNote } from "./failure-note.tsx";

/** What the model says of the camera's picture. It changes too often to be read out: the announcer tells what stays. */
export const LiveAnswer = (): VNode => {
  const { live, models } = useApp();
  const failure = live.failure.value;
  const answer = live.answer.value;
  if (failure) return <FailureNote failure={failure} />;
  return (
    <div class="camera-answer">
      {answer ? (
        <ol class="predictions" data-testid="live-predictions" aria-label="What the camera shows">
          {answer.predictions.map(({ index, label, score }, rank) => (
            <li key={rank} data-label={label} data-score={score} data-index={index}>
              <span class="prediction-label">{label}</span>
              <span class="prediction-score">{formatPercent(score)}</span>
              <span class="prediction-bar" aria-hidden="true" style={{ "--score": score }} />
            </li>
          ))}
        </ol>
      ) : (
        <p class="hint">{models.current.value ? "Looking…" : "Waiting for the model"}</p>
      )}
    </div>
  );
};
