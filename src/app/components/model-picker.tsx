import { useSignal } from "@preact/signals";
import type { RefObject, TargetedKeyboardEvent, VNode } from "preact";
import { useRef } from "preact/hooks";
import { isKept, type ModelChoice } from "../state/models/model-choices.ts";
import { useApp } from "./app-context.ts";
import { useOnline } from "./use-online.ts";

type ModelPickerProps = { readonly picker: RefObject<HTMLSelectElement | null> };

/**
 * The models that can be had. With the keys a closed list goes through its entries one by one, each of them a download:
 * there nothing is loaded before Enter, or before the focus goes on.
 */
export const ModelPicker = ({ picker }: ModelPickerProps): VNode => {
  const { models, engine } = useApp();
  const reached = useSignal<string | null>(null); // with the keys
  const byKeys = useRef(false);
  const online = useOnline();
  const comes = (choice: ModelChoice): boolean => online || isKept(choice, models.stored.value);

  const take = (): void => {
    const value = reached.peek();
    reached.value = null;
    if (value !== null) void models.select(value);
  };
  const followKeys = (event: TargetedKeyboardEvent<HTMLSelectElement>): void => {
    byKeys.current = !event.altKey && !OPENS.has(event.key);
    if (reached.peek() === null || !ENDS.has(event.key)) return;
    event.preventDefault(); // Enter would open the list, Escape cancels what is under way on the page
    if (event.key === "Escape") reached.value = null;
    else take();
  };
  return (
    <>
      <select
        id="model-picker"
        ref={picker}
        data-testid="model-picker"
        value={reached.value ?? models.shown.value?.value ?? ""}
        disabled={engine.vision.value === null}
        aria-describedby="model-picker-keys"
        onPointerDown={() => (byKeys.current = false)}
        onKeyDown={followKeys}
        onBlur={() => document.hasFocus() && take()} // not where the window alone loses it
        onChange={({ currentTarget }) => {
          reached.value = currentTarget.value;
          if (!byKeys.current) take();
        }}
      >
        {!models.shown.value && <option value="">Choose a model</option>}
        <ChoiceGroup label="Included" choices={models.included.value} comes={comes} />
        <ChoiceGroup label="Download from Hugging Face" choices={models.hub} comes={comes} />
        <ChoiceGroup label="Yours" choices={models.own.value} />
      </select>
      <p id="model-picker-keys" class="hint" role="status">
        {reached.value !== null && "Press Enter to load it, Escape to leave it."}
      </p>
    </>
  );
};

/** Keys that open the list, in which nothing changes before an entry is chosen. */
const OPENS = new Set([" ", "Enter", "F4"]);
const ENDS = new Set(["Enter", "Escape"]);

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
