import type { VNode } from "preact";
import { useApp } from "../app-context.ts";
import { Appearance } from "./appearance.tsx";
import { ComparePanel } from "./compare-panel.tsx";
import { Fold } from "./fold.tsx";
import { HeadPanel } from "./head-panel.tsx";
import { SharePanel } from "./share-panel.tsx";
import { TrialPanel } from "./trial-panel.tsx";

/** What there is beyond the one map; each part costs nothing until it is opened. */
export const LookMore = (): VNode => {
  const { looking } = useApp();
  const subject = looking.choice.value && looking.subject.value;
  return (
    <div class="look-more">
      {subject && subject.model.layers > 0 && (
        <Fold title="Layers and heads" testId="heads">
          <HeadPanel />
        </Fold>
      )}
      {subject && (
        <Fold title="Compare" testId="compare">
          <ComparePanel />
        </Fold>
      )}
      {subject && subject.model.labels.length > 0 && (
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
