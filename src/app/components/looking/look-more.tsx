import type { ComponentChildren, VNode } from "preact";
import type { Part } from "../../state/looking/parts.ts";
import { useApp } from "../app-context.ts";
import { Appearance } from "./appearance.tsx";
import { ComparePanel } from "./compare-panel.tsx";
import { HeadPanel } from "./head-panel.tsx";
import { SharePanel } from "./share-panel.tsx";
import { TrialPanel } from "./trial-panel.tsx";

/** What there is beyond the one map; each part costs nothing until it is opened. */
export const LookMore = (): VNode | null => {
  const { looking } = useApp();
  const subject = looking.subject.value;
  if (!subject || !looking.choice.value) return null;
  return (
    <div class="look-more">
      {subject.model.layers > 0 && (
        <Fold title="Layers and heads" testId="heads">
          <HeadPanel />
        </Fold>
      )}
      <Fold title="Compare" testId="compare">
        <ComparePanel />
      </Fold>
      {subject.model.labels.length > 0 && (
        <Fold title="Put it to the test" testId="trials">
          <TrialPanel />
        </Fold>
      )}
      <Fold title="Appearance" testId="appearance">
        <Appearance />
      </Fold>
      <Fold title="Save and share" testId="share">
        <SharePanel />
      </Fold>
    </div>
  );
};

type FoldProps = { readonly title: string; readonly testId: Part; readonly children: ComponentChildren };

/** A part of the page that is there once it is opened, and stays open from photo to photo. */
const Fold = ({ title, testId, children }: FoldProps): VNode => {
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
