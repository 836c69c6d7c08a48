import type { VNode } from "preact";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import { captureFrame } from "../intake/camera.ts";
import { useApp } from "./app-context.ts";
import { FailureNote } from "./failure-note.tsx";
import { LiveAnswer } from "./live-answer.tsx";
import { useCamera } from "./use-camera.ts";

let taken = 0; // pictures, for as long as the page is open: each has a name of its own

/** The camera's picture with its classes, and a button that takes it. Closing the panel stops the camera. */
export const CameraPanel = (): VNode => {
  const app = useApp();
  const { video, fail, ...camera } = useCamera(app);
  const section = useRef<HTMLElement>(null);
  const live = camera.live.value;
  const failure = camera.failure.value;
  const model = app.models.current.value?.info;
  const named = app.teaching.classes.value.filter(({ name }) => name.trim() !== "");

  useEffect(() => {
    if (!live || !model || !video.current) return;
    const ending = new AbortController();
    void app.live.watch(video.current, model, ending.signal);
    return () => ending.abort();
  }, [app, live, model, video]);

  // Its picture and classes come after it: it has grown by then.
  useEffect(() => section.current?.scrollIntoView({ block: "nearest" }), [live, failure]);

  useLayoutEffect(
    () => () => {
      if (section.current?.contains(document.activeElement)) document.getElementById("camera-button")?.focus();
    },
    [],
  );

  const capture = async (take: (file: File) => void): Promise<void> => {
    if (!video.current) return;
    taken += 1;
    try {
      take(await captureFrame(video.current, `Camera ${taken}.png`));
    } catch (error) {
      fail(error);
    }
  };

  return (
    <section class="camera" aria-label="Camera" ref={section}>
      {failure ? <FailureNote failure={failure} /> : <video ref={video} autoplay muted playsInline />}
      {live && <LiveAnswer />}
      <div class="camera-buttons">
        <button
          type="button"
          class="button button-main"
          disabled={!live}
          onClick={() => void capture((file) => app.photos.add([{ name: file.name, content: file }]))}
        >
          Take photo
        </button>
        {named.map(({ id, name, pictures }) => (
          <button
            key={id}
            type="button"
            class="button"
            disabled={!live}
            onClick={() => void capture((file) => app.teaching.addPictures(id, [file]))}
          >
            Add to {name.trim()} · {pictures.length}
          </button>
        ))}
        <button type="button" class="button" onClick={() => (app.cameraOpen.value = false)}>
          {failure ? "Close" : "Stop camera"}
        </button>
      </div>
    </section>
  );
};
