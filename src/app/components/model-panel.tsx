import type { ComponentChildren, VNode } from "preact";
import { useRef } from "preact/hooks";
import type { ModelInfo, Size } from "../../index.ts";
import { countOf, formatCount } from "../format.ts";
import type { LoadedModel } from "../state/models/model-loader.ts";
import { useApp } from "./app-context.ts";
import { FailureNote } from "./failure-note.tsx";
import { ModelPicker } from "./model-picker.tsx";
import { OtherModel } from "./other-model.tsx";
import { StoredModels } from "./stored-models.tsx";
import { TeachingPanel } from "./teaching/teaching-panel.tsx";

/** Which model answers, and which others can. */
export const ModelPanel = (): VNode => {
  const { models, failureAtPhoto } = useApp();
  const current = models.current.value;
  const captioner = models.captioner.value;
  const picker = useRef<HTMLSelectElement>(null);
  const retry = (): void => {
    picker.current?.focus(); // the button goes away
    void models.retry();
  };
  return (
    <section class="model" aria-labelledby="model-title">
      <h2 id="model-title">
        <label for="model-picker">Model</label>
      </h2>
      <ModelPicker picker={picker} />
      {current && <ModelFacts model={current} titled={captioner !== null} />}
      {captioner && (
        <ModelFacts model={captioner} titled>
          <button
            type="button"
            class="button button-quiet"
            data-testid="stop-describing"
            onClick={() => {
              picker.current?.focus(); // the button goes away
              models.dropCaptioner();
            }}
          >
            Stop describing
          </button>
        </ModelFacts>
      )}
      {models.failure.value && !failureAtPhoto.value && (
        <FailureNote failure={models.failure.value}>
          {models.canRetry.value && (
            <button type="button" class="button button-quiet" onClick={retry}>
              Try again
            </button>
          )}
        </FailureNote>
      )}
      <OtherModel />
      {current && <TeachingPanel />}
      <StoredModels />
    </section>
  );
};

/** What a model's grid is made of. */
const CELLS: Record<ModelInfo["type"], string> = {
  vit: "patches",
  "attention-cnn": "places of a map",
  captioner: "places",
};

type ModelFactsProps = {
  readonly model: LoadedModel;
  readonly titled: boolean; // where the picker does not tell which of two it is
  readonly children?: ComponentChildren;
};

const ModelFacts = ({ model: { choice, info }, titled, children }: ModelFactsProps): VNode => (
  <div class="model-facts" data-type={info.type}>
    {titled && <h3>{choice.title}</h3>}
    <p>{choice.summary ?? tellKnowledge(info)}</p>
    <p class="hint">
      {formatCount(info.parameters)} parameters. Looks at {timesOf(info.inputSize)} pixels in {timesOf(info.grid)}{" "}
      {CELLS[info.type]}.
    </p>
    {info.recipeAssumed && (
      <p class="hint">Its files do not tell how to prepare pictures; add preprocessor_config.json if you have it.</p>
    )}
    {children}
  </div>
);

function tellKnowledge({ type, labels, labelsAssumed }: ModelInfo): string {
  if (type === "captioner") return "Says in a sentence what it sees.";
  if (labels.length === 0) return "Has no labels, but shows where it looks.";
  return `Knows ${countOf(labels.length, "label")}${labelsAssumed ? ", taken to be ImageNet's" : ""}.`;
}

/** Unbroken at the end of a line. */
const timesOf = ({ width, height }: Size): string => `${width}\u00a0×\u00a0${height}`;
