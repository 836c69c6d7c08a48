import type { ComponentChildren, VNode } from "preact";
import type { Failure } from "../state/failure.ts";

/** A failure: what happened, what to do, and on demand the error's own words. */
export const FailureNote = ({ failure, children }: { failure: Failure; children?: ComponentChildren }): VNode => (
  <div class="failure" data-testid="error" data-code={failure.code}>
    <p>
      <strong>{failure.title}</strong> {failure.advice}
    </p>
    <details>
      <summary>
        <code>{failure.code}</code>
      </summary>
      <p>{failure.detail}</p>
    </details>
    {children}
  </div>
);
