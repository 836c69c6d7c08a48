import type { VNode } from "preact";
import { examples } from "../intake/examples.ts";
import { takeInFiles } from "../intake/take-in.ts";
import { useApp } from "./app-context.ts";
import { FileButton } from "./file-button.tsx";
import { focusIntake } from "./focus-intake.ts";

/** Every way to give a photo. Drops and pastes are taken anywhere on the page. */
export const IntakePanel = (): VNode => {
  const app = useApp();
  const compact = app.photos.list.value.length > 0 || app.cameraOpen.value;
  return (
    <section class="intake" data-testid="drop-zone" data-compact={compact} aria-labelledby="intake-title">
      <svg class="intake-picture" viewBox="0 0 48 48" width="48" height="48" aria-hidden="true">
        <rect x="5" y="9" width="38" height="30" rx="5" />
        <circle cx="16" cy="19" r="3.5" />
        <path d="m6 34 11-9 7 6 8-8 10 9" />
      </svg>
      <h2 id="intake-title">
        <span class="by-mouse">Drop photos anywhere</span>
        <span class="by-touch">Start with a photo</span>
      </h2>
      <p class="hint by-mouse">or paste one, or</p>
      <div class="intake-buttons">
        <FileButton
          label="Choose photos"
          testId="file-input"
          accept="image/*"
          look="button-main"
          onFiles={(files) => takeInFiles(app, files)}
        />
        <FileButton label="Choose a folder" testId="folder-input" folder onFiles={(files) => takeInFiles(app, files)} />
        <button
          id="camera-button"
          type="button"
          class="button"
          aria-expanded={app.cameraOpen.value}
          onClick={() => (app.cameraOpen.value = !app.cameraOpen.peek())}
        >
          Camera
        </button>
      </div>
      {app.intakeNote.value !== "" && <p class="intake-note">{app.intakeNote}</p>}
      {!compact && (
        <button
          type="button"
          class="button button-quiet"
          onClick={() => {
            focusIntake(); // the button goes away
            app.photos.add(examples());
          }}
        >
          No photo? Try three drawings
        </button>
      )}
    </section>
  );
};
