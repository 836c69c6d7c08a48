import type { VNode } from "preact";
import type { AppState } from "../state/app-state.ts";
import { ActivityBar } from "./activity-bar.tsx";
import { AppContext } from "./app-context.ts";
import { CameraPanel } from "./camera-panel.tsx";
import { DropVeil } from "./drop-veil.tsx";
import { EngineNotice } from "./engine-notice.tsx";
import { IntakePanel } from "./intake-panel.tsx";
import { LiveRegion } from "./live-region.tsx";
import { LinkNotice } from "./looking/link-notice.tsx";
import { ModelPanel } from "./model-panel.tsx";
import { PageHeader } from "./page-header.tsx";
import { PhotoList } from "./photo-list.tsx";
import { usePageIntake } from "./use-page-intake.ts";

export const App = ({ app }: { app: AppState }): VNode => {
  const dragging = usePageIntake(app);
  return (
    <AppContext.Provider value={app}>
      <PageHeader />
      <main class="page">
        <div class="hero">
          <h1>See what a Vision Transformer sees.</h1>
          <p>Your photos stay on this page: everything is computed in your browser.</p>
        </div>
        <EngineNotice />
        <LinkNotice />
        <div class="workspace">
          <div class="gather">
            <IntakePanel />
            {app.cameraOpen.value && <CameraPanel />}
          </div>
          <ModelPanel />
          <div class="results">
            <ActivityBar />
            <PhotoList />
          </div>
        </div>
      </main>
      <DropVeil shown={dragging} />
      <LiveRegion />
    </AppContext.Provider>
  );
};
