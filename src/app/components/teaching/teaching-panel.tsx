import type { VNode } from "preact";
import { useId } from "preact/hooks";
import { useApp } from "../app-context.ts";
import { ClassRow } from "./class-row.tsx";
import { TeachingOutcome } from "./teaching-outcome.tsx";

/** Classes of one's own, from a few pictures of each. */
export const TeachingPanel = (): VNode => {
  const { teaching } = useApp();
  const classes = teaching.classes.value;
  return (
    <details class="more teaching" data-testid="teaching">
      <summary>Teach your own classes</summary>
      <p class="hint">
        Name two things or more and give some pictures of each, files
        <span class="by-mouse"> that you choose or drop</span> or from the camera. They stay on this page.
      </p>
      <ul class="own-classes">
        {classes.map((own, index) => (
          <ClassRow key={own.id} own={own} number={index + 1} canGo={classes.length > 2} />
        ))}
      </ul>
      <TeachingButtons />
      <TeachingOutcome />
    </details>
  );
};

const TeachingButtons = (): VNode => {
  const { teaching } = useApp();
  const id = useId();
  const missing = teaching.missing.value;
  return (
    <div class="teaching-buttons">
      <button type="button" class="button" onClick={teaching.add}>
        Add a class
      </button>
      {teaching.run.value ? (
        <button type="button" class="button" onClick={teaching.cancel}>
          Stop
        </button>
      ) : (
        <button
          type="button"
          class="button button-main"
          data-testid="teach"
          disabled={!teaching.isReady.value}
          aria-describedby={id}
          onClick={() => void teaching.teach()}
        >
          Teach
        </button>
      )}
      <p id={id} class="hint" data-testid="missing">
        {missing}
      </p>
    </div>
  );
};
