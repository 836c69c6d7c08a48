import type { ComponentChildren, VNode } from "preact";
import type { Part } from "../../state/looking/parts.ts";
import { useApp } from "../app-context.ts";

type FoldProps = { readonly title: string; readonly testId: Part; readonly children: ComponentChildren };

/** A part of the page that is there once it is opened, and stays open from photo to photo. */
export const Fold = ({ title, testId, children }: FoldProps): VNode => {
  const { openParts } = useApp();
  const open = openParts.value.has(testId);
  const toggle = (now: boolean): void => {
    const others = [...openParts.peek()].filter((part) => part !== testId);
    if (now !== open) openParts.value = new Set(now ? [...others, testId] : others);
  };
  return (
    <details class="more" data-testid={testId} open={open} onToggle={(event) => toggle(event.currentTarget.open)}>
      <summary>{title}</summary>
      {open && <div class="more-content">{children}</div>}
    </details>
  );
};
