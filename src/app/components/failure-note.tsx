import type { ComponentChildren, VNode } from "preact";
import type { Failure } from "../state/failure.ts";

type FailureNoteProps = {
  readonly failure: Failure;
  readonly open?: boolean; // where the error's own words tell what to look for
  readonly children?: ComponentChildren;
};

/** A failure: what happened, what to do, and on demand the error's own words. */
export const FailureNote = ({ failure, open = false, children }: FailureNoteProps): VNode => (
  <div class="failure" data-testid="error" data-code={failure.code}>
    <p>
      <strong>{failure.title}</strong> {failure.advice}
    </p>
    <details open={open}>
      <summary>
        <code>{failure.code}</code>
      </summary>
      <p>{failure.detail}</p>
    </details>
    {children}
  </div>
);
