import type { VNode } from "preact";
import { formatMilliseconds } from "../format.ts";
import { isWorthTryingAgain } from "../state/failure.ts";
import type { Models } from "../state/models/models.ts";
import { isUnnamed, type Photo } from "../state/photo.ts";
import { useApp } from "./app-context.ts";
import { CardButton } from "./card-button.tsx";
import { FailureNote } from "./failure-note.tsx";
import { PredictedGroups } from "./predicted-groups.tsx";
import { PredictionList } from "./prediction-list.tsx";

/** What the model says about a photo, or why it does not. */
export const PhotoAnswer = ({ photo }: { photo: Photo }): VNode => {
  const { photos, models } = useApp();
  const state = photo.state.value;
  const again = (
    <CardButton label={`Try ${photo.name} again`} onPress={() => photos.retry(photo)}>
      Try again
    </CardButton>
  );
  const cancel = (
    <CardButton testId="photo-cancel" label={`Cancel ${photo.name}`} onPress={() => photos.cancel(photo)}>
      Cancel
    </CardButton>
  );
  switch (state.kind) {
    case "waiting":
      return (
        <div class="photo-state">
          <p>{waitingFor(models)}</p>
          {cancel}
        </div>
      );
    case "running":
      return (
        <div class="photo-state">
          <p>Looking…</p>
          <div class="shimmer" role="progressbar" aria-label={`Classifying ${photo.name}`} />
          {cancel}
        </div>
      );
    case "failed":
      if (isUnnamed(state)) return <p class="hint">{`${state.failure.title} ${state.failure.advice}`}</p>;
      return <FailureNote failure={state.failure}>{isWorthTryingAgain(state.failure) && again}</FailureNote>;
    case "cancelled":
      return (
        <div class="photo-state">
          <p>Cancelled</p>
          {again}
        </div>
      );
    case "done":
      return (
        <>
          <PredictionList photo={photo} predictions={state.result.predictions} />
          <PredictedGroups predictions={state.result.predictions} model={state.model} />
          <p class="hint photo-time">Answered in {formatMilliseconds(state.result.milliseconds.model)}</p>
        </>
      );
  }
};

const waitingFor = ({ current, captioner, coming }: Models): string => {
  if (current.value) return "Waiting";
  if (coming.value) return "Waiting for the model";
  return captioner.value ? "Choose a model to have it named too" : "Choose a model";
};
