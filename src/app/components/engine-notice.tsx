import type { VNode } from "preact";
import { useApp } from "./app-context.ts";
import { FailureNote } from "./failure-note.tsx";

/** Told at the top of the page: the worker could not start, or was replaced. */
export const EngineNotice = (): VNode | null => {
  const app = useApp();
  const { failure, restart } = app.engine;
  if (failure.value) {
    return (
      <FailureNote failure={failure.value}>
        <button type="button" class="button" onClick={() => void app.start()}>
          Try again
        </button>
      </FailureNote>
    );
  }
  if (restart.value === null) return null;
  return (
    <div class="notice" role="status">
      <p>{restart.value}</p>
      <button type="button" class="button button-quiet" onClick={app.engine.dismissRestart}>
        OK
      </button>
    </div>
  );
};
