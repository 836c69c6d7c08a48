import { useSignal } from "@preact/signals";
import type { VNode } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import { captureFrame, closeCamera, openCamera } from "../intake/camera.ts";
import { describeFailure, type Failure } from "../state/failure.ts";
import type { AppState } from "../state/app-state.ts";
import { useApp } from "./app-context.ts";
import { FailureNote } from "./failure-note.tsx";

/** The camera's picture, and a button that takes it. Closing the panel stops the camera. */
export const CameraPanel = (): VNode => {
  const app = useApp();
  const video = useRef<HTMLVideoElement>(null);
  const failure = useSignal<Failure | null>(null);
  const live = useSignal(false);
  const taken = useRef(0);

  // A layout effect ends with the panel, not a frame later: so does the camera.
  useLayoutEffect(() => {
    let stream: MediaStream | null = null;
    let closed = false;
    const show = (opened: MediaStream): void => {
      stream = opened;
      if (closed) closeCamera(opened);
      else if (video.current) video.current.srcObject = opened;
    };
    openCamera().then(show, (error: unknown) => (failure.value = told(app, error)));
    return () => {
      closed = true;
      if (stream) closeCamera(stream);
    };
  }, [app, failure]);

  const capture = async (): Promise<void> => {
    if (!video.current) return;
    taken.current += 1;
    try {
      const file = await captureFrame(video.current, `Camera ${taken.current}.png`);
      app.photos.add([{ name: file.name, content: file }]);
    } catch (error) {
      failure.value = told(app, error);
    }
  };

  return (
    <section class="camera" aria-label="Camera">
      {failure.value ? (
        <FailureNote failure={failure.value} />
      ) : (
        <video ref={video} autoplay muted playsInline onLoadedData={() => (live.value = true)} />
      )}
      <div class="camera-buttons">
        <button type="button" class="button button-main" disabled={!live.value} onClick={() => void capture()}>
          Take photo
        </button>
        <button type="button" class="button" onClick={() => (app.cameraOpen.value = false)}>
          {failure.value ? "Close" : "Stop camera"}
        </button>
      </div>
    </section>
  );
};

/** Tells it to screen readers, and gives the words to show. */
const told = (app: AppState, error: unknown): Failure => {
  const failure = describeFailure(error);
  app.announce(`${failure.title} ${failure.advice}`);
  return failure;
};
