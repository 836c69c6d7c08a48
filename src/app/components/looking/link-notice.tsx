import type { VNode } from "preact";
import { useApp } from "../app-context.ts";

/** What of a followed link could not be restored. */
export const LinkNotice = (): VNode | null => {
  const { shared } = useApp();
  if (shared.notice.value === "") return null;
  return (
    <div class="notice" role="status" data-testid="link-notice">
      <p>{shared.notice}</p>
      <button type="button" class="button button-quiet" onClick={shared.dismiss}>
        OK
      </button>
    </div>
  );
};
