import type { VNode } from "preact";
import type { Head } from "../../../index.ts";
import { saveFile } from "../../intake/save-file.ts";
import { isPictureFault } from "../../state/failure.ts";
import { useApp } from "../app-context.ts";
import { FailureNote } from "../failure-note.tsx";
import { FileButton } from "../file-button.tsx";

/** How far teaching is, what became of it, and the files it can be kept in. */
export const TeachingOutcome = (): VNode => {
  const { teaching } = useApp();
  const run = teaching.run.value;
  const inUse = teaching.inUse.value;
  const failure = teaching.failure.value;
  const save = (): void => {
    const text = teaching.save();
    if (text !== null) saveFile("classes.json", new Blob([text], { type: "application/json" }));
  };
  return (
    <div class="teaching-outcome">
      <div role="status">
        {run && (
          <p class="hint">
            Looks at picture {run.seen} of {run.of}.
          </p>
        )}
        {!run && inUse && (
          <p class="hint" data-testid="taught">
            {tellClasses(inUse)}
          </p>
        )}
        {failure && <FailureNote failure={failure} open={isPictureFault(failure)} />}
      </div>
      <div class="teaching-buttons">
        {inUse && (
          <button type="button" class="button button-quiet" onClick={save}>
            Save these classes
          </button>
        )}
        <FileButton
          label="Open saved ones"
          testId="open-classes"
          accept="application/json"
          look="button-quiet"
          onFiles={([first]) => first && void teaching.open(first.file)}
        />
      </div>
    </div>
  );
};

/** One that was taught was tried as well; what a file says of that may be anything. */
const tellClasses = ({ labels, ...head }: Head & { readonly rightWhenHeldAside?: unknown }): string => {
  const names = labels.length > MOST_NAMED ? `by one of ${labels.length} names` : LIST.format(labels);
  const ready = `Ready: it now names your photos ${names}.`;
  if (typeof head.rightWhenHeldAside !== "number") return ready;
  return `${ready} Of pictures held aside it named ${Math.round(100 * head.rightWhenHeldAside)}\u00a0% rightly.`;
};

const MOST_NAMED = 8; // in a sentence that is still read

const LIST = new Intl.ListFormat("en", { type: "disjunction" });
