import type { VNode } from "preact";
import { useId } from "preact/hooks";
import type { HeadChoice } from "../../../index.ts";
import type { FittedChoice } from "../../state/looking/fit-view.ts";
import { headsOf, layersOf, METHOD_WORDS, methodsOf } from "../../state/looking/methods.ts";
import type { Subject } from "../../state/looking/subject.ts";
import { useApp } from "../app-context.ts";
import { ChoiceField } from "./choice-field.tsx";
import { LookOutcome } from "./look-outcome.tsx";
import { QueryLine } from "./query-line.tsx";
import { SeenLine } from "./seen-line.tsx";

/** Which map is shown over the photo, and how strongly. */
export const LookControls = (): VNode | null => {
  const { looking, words } = useApp();
  const id = useId();
  const word = words.word.value;
  const subject = looking.subject.value;
  const choice = looking.choice.value;
  if (!subject || !choice) return null;
  return (
    <section class="look" aria-labelledby={id}>
      <h3 id={id}>Where it looked</h3>
      <MapSettings subject={subject} choice={choice} />
      <p class="hint">{word ? `Now over the photo: where it looked for “${word.text}”.` : tellMap(subject, choice)}</p>
      <Opacity />
      <QueryLine />
      <SeenLine />
      <LookOutcome map={looking.map} />
    </section>
  );
};

type SettingsProps = { readonly subject: Subject; readonly choice: FittedChoice };

const MapSettings = ({ subject: { model }, choice }: SettingsProps): VNode => {
  const { looking } = useApp();
  const { method } = choice;
  const layers = layersOf(method, model);
  const heads = headsOf(method, model);
  return (
    <div class="look-settings">
      <ChoiceField
        label="Method"
        testId="method"
        value={method}
        options={methodsOf(model).map((each) => [each, METHOD_WORDS[each].title])}
        onChange={(value) => looking.change({ method: methodsOf(model).find((each) => each === value) ?? null })}
      />
      {layers > 0 && (
        <ChoiceField
          label={model.type === "vit" ? "Layer" : "Stage"}
          testId="layer"
          value={String(choice.layer ?? layers - 1)}
          options={Array.from({ length: layers }, (_, layer) => [String(layer), tellLayer(layer, layers)])}
          onChange={(value) => looking.change({ layer: Number(value) })}
        />
      )}
      {heads.length > 0 && (
        <ChoiceField
          label="Heads"
          testId="head"
          value={String(choice.head ?? heads[0])}
          options={heads.map((head) => [String(head), tellHead(head)])}
          onChange={(value) => looking.change({ head: heads.find((head) => String(head) === value) ?? null })}
        />
      )}
    </div>
  );
};

const tellLayer = (layer: number, layers: number): string => {
  if (layer === 0) return "0 (first)";
  return layer === layers - 1 ? `${layer} (last)` : String(layer);
};

const HEADS = { mean: "All: mean", max: "All: largest", min: "All: smallest" } as const;

const tellHead = (head: HeadChoice): string => (typeof head === "number" ? `Head ${head}` : HEADS[head]);

/** The method in a sentence, and the class it is about. */
const tellMap = ({ photo, model }: Subject, { method, target }: FittedChoice): string => {
  const { hint } = METHOD_WORDS[method];
  if (!hint.includes("the class")) return hint;
  const state = photo.state.value;
  const index = target ?? (state.kind === "done" ? state.result.predictions[0]?.index : undefined);
  const label = index === undefined ? undefined : model.labels[index];
  return label === undefined ? hint : hint.replace("the class", `“${label}”`);
};

/** How strongly the map covers the photo; 0 is the photo alone. Lines cover it or do not. */
const Opacity = (): VNode => {
  const { looking } = useApp();
  const id = useId();
  const { opacity, style } = looking.view.value;
  return (
    <div class="look-opacity">
      {style !== "contours" && (
        <>
          <label for={id}>Strength</label>
          <input
            id={id}
            type="range"
            min="0"
            max="100"
            step="5"
            data-testid="opacity"
            value={Math.round(opacity * 100)}
            aria-valuetext={`${Math.round(opacity * 100)} percent`}
            onInput={(event) => looking.change({ opacity: Number(event.currentTarget.value) / 100 })}
          />
        </>
      )}
      <button type="button" class="button button-quiet" onClick={() => looking.toggleMap()}>
        {opacity > 0 ? "Hide" : "Show"}
        <span class="visually-hidden"> the map</span>
      </button>
    </div>
  );
};
