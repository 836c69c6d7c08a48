import type { VNode } from "preact";
import { useApp } from "../app-context.ts";
import { Notice } from "../notice.tsx";

/** What of a followed link could not be restored. */
export const LinkNotice = (): VNode | null => {
  const { shared } = useApp();
  if (shared.notice.value === "") return null;
  return (
    <Notice testId="link-notice" onDismiss={shared.dismiss}>
      {shared.notice}
    </Notice>
  );
};
