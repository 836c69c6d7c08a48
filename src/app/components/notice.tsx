import type { ComponentChildren, VNode } from "preact";
import { focusIntake } from "./focus-intake.ts";

type NoticeProps = {
  readonly testId?: string;
  readonly onDismiss: () => void;
  readonly children: ComponentChildren;
};

/** Something told at the top of the page, until it is read. */
export const Notice = ({ testId, onDismiss, children }: NoticeProps): VNode => (
  <div class="notice" role="status" data-testid={testId}>
    <p>{children}</p>
    <button
      type="button"
      class="button button-quiet"
      onClick={() => {
        focusIntake(); // the button goes away
        onDismiss();
      }}
    >
      OK
    </button>
  </div>
);
