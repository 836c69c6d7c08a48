import type { VNode } from "preact";
import { settingsOf, type Heat, type ModelInfo } from "../../../index.ts";
import { formatValue } from "../../../overlay/legend.ts";
import type { FittedChoice } from "../../state/looking/fit-view.ts";
import { useApp } from "../app-context.ts";
import { CardButton } from "../card-button.tsx";

/** Whose attention is shown, or the value of the patch that is pointed at. */
export const QueryLine = (): VNode | null => {
  const { looking, words, heat: shown } = useApp();
  const heat = shown.value;
  const choice = looking.choice.value;
  const model = looking.subject.value?.model;
  if (!heat || !choice || !model) return null;
  if (!words.word.value) return <ClassQuery heat={heat} choice={choice} model={model} />;
  return (
    <div class="query">
      <p class="hint" data-testid="query">
        {tellValue(words.cell.value, heat)}
      </p>
    </div>
  );
};

type ClassQueryProps = { readonly heat: Heat; readonly choice: FittedChoice; readonly model: ModelInfo };

const ClassQuery = ({ heat, choice, model }: ClassQueryProps): VNode => {
  const { looking } = useApp();
  const asks = settingsOf(choice.method).includes("query");
  const kept = typeof choice.query === "number" ? choice.query : null;
  const patch = looking.pointed.value ?? kept;
  const whole = model.prefixTokens > 0 ? "class token" : "whole picture";
  return (
    <div class="query">
      <p class="hint" data-testid="query">
        {asks ? tellQuery(patch, heat, whole) : tellValue(patch, heat)}
      </p>
      {kept !== null && (
        <CardButton testId="query-back" onPress={() => looking.askFrom(null)}>
          Back to the {whole}
        </CardButton>
      )}
    </div>
  );
};

const tellQuery = (patch: number | null, heat: Heat, whole: string): string =>
  patch === null
    ? `Seen from the ${whole}. Point at a patch to see from there.`
    : `Seen from the patch in ${placeOf(patch, heat)}.`;

const tellValue = (patch: number | null, heat: Heat): string => {
  const value = patch === null ? undefined : heat.values[patch];
  if (patch === null || value === undefined) return "Point at a patch for its value.";
  return `The patch in ${placeOf(patch, heat)}: ${formatValue(value)}.`;
};

const placeOf = (patch: number, { grid }: Heat): string =>
  `column ${(patch % grid.width) + 1}, row ${Math.floor(patch / grid.width) + 1}`;
