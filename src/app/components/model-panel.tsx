import type { ComponentChildren, VNode } from "preact";
import { useRef } from "preact/hooks";
import type { ModelInfo, Size } from "../../index.ts";
import { countOf, formatCount } from "../format.ts";
import { isKept, type ModelChoice } from "../state/models/model-choices.ts";
import type { LoadedModel } from "../state/models/model-loader.ts";
import { useApp } from "./app-context.ts";
import { FailureNote } from "./failure-note.tsx";
import { OtherModel } from "./other-model.tsx";
import { StoredModels } from "./stored-models.tsx";
import { TeachingPanel } from "./teaching/teaching-panel.tsx";
import { useOnline } from "./use-online.ts";

/** Which model answers, and which others can. */
export const ModelPanel = (): VNode => {
  const { models, engine, failureAtPhoto } = useApp();
  const current = models.current.value;
  const captioner = models.captioner.value;
  const picker = useRef<HTMLSelectElement>(null);
  const retry = (): void => {
    picker.current?.focus(); // the button goes away
    void models.retry();
  };
  const shown = models.shown.value;
  const online = useOnline();
  const comes = (choice: ModelChoice): boolean => online || isKept(choice, models.stored.value);
  return (
    <section class="model" aria-labelledby="model-title">
      <h2 id="model-title">
        <label for="model-picker">Model</label>
      </h2>
      <select
        id="model-picker"
        ref={picker}
        data-testid="model-picker"
        value={shown?.value ?? ""}
        disabled={engine.vision.value === null}
        onChange={(event) => void models.select(event.currentTarget.value)}
      >
        {!shown && <option value="">Choose a model</option>}
        <ChoiceGroup label="Included" choices={models.included.value} comes={comes} />
        <ChoiceGroup label="Download from Hugging Face" choices={models.hub} comes={comes} />
        <ChoiceGroup label="Yours" choices={models.own.value} />
      </select>
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

type ChoiceGroupProps = {
  readonly label: string;
  readonly choices: readonly ModelChoice[];
  readonly comes?: (choice: ModelChoice) => boolean; // without a network that is missing
};

const ChoiceGroup = ({ label, choices, comes = () => true }: ChoiceGroupProps): VNode | null =>
  choices.length === 0 ? null : (
    <optgroup label={label}>
      {choices.map((choice) => (
        <option key={choice.value} value={choice.value}>
          {[choice.title, choice.size, comes(choice) ? null : "needs a network"].filter(Boolean).join(" · ")}
        </option>
      ))}
    </optgroup>
  );

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
