import type { VNode } from "preact";
import { useApp } from "./app-context.ts";
import { FailureNote } from "./failure-note.tsx";
import { focusIntake } from "./focus-intake.ts";
import { Notice } from "./notice.tsx";

/** Told at the top of the page: the worker could not start, or was replaced. */
export const EngineNotice = (): VNode | null => {
  const app = useApp();
  const { failure, restart } = app.engine;
  if (failure.value) {
    return (
      <FailureNote failure={failure.value}>
        <button
          type="button"
          class="button"
          onClick={() => {
            focusIntake(); // the button goes away
            void app.start();
          }}
        >
          Try again
        </button>
      </FailureNote>
    );
  }
  if (restart.value === null) return null;
  return <Notice onDismiss={app.engine.dismissRestart}>{restart.value}</Notice>;
};
