import { useSignal } from "@preact/signals";
import type { VNode } from "preact";
import { filesChoice, typedChoice } from "../state/models/model-choices.ts";
import { useApp } from "./app-context.ts";
import { FileButton } from "./file-button.tsx";

/** A model by its address, or from files. */
export const OtherModel = (): VNode => {
  const { models } = useApp();
  const text = useSignal("");
  const choice = typedChoice(text.value);
  const submit = (event: Event): void => {
    event.preventDefault();
    if (choice) void models.load(choice);
  };
  return (
    <details class="more">
      <summary>Another model</summary>
      <form class="other-model" onSubmit={submit}>
        <label for="model-address">Hugging Face name or URL of a model folder</label>
        <div class="field-row">
          <input
            id="model-address"
            data-testid="model-address"
            type="text"
            inputMode="url"
            autocomplete="off"
            autocapitalize="off"
            spellcheck={false}
            placeholder="hf:owner/name"
            value={text.value}
            onInput={(event) => (text.value = event.currentTarget.value)}
          />
          <button type="submit" class="button" disabled={!choice}>
            Load
          </button>
        </div>
      </form>
      <p class="hint">
        <span class="by-mouse">Or drop its files on the page:</span>
        <span class="by-touch">Or choose its files:</span> config.json and the weights.
      </p>
      <FileButton
        label="Choose model files"
        testId="model-file-input"
        onFiles={(files) => void models.load(filesChoice(files.map(({ file }) => file)))}
      />
    </details>
  );
};
