import { useSignal, type ReadonlySignal } from "@preact/signals";
import type { RefObject } from "preact";
import { useCallback, useLayoutEffect, useRef } from "preact/hooks";
import { closeCamera, openCamera } from "../intake/camera.ts";
import { note } from "../intake/note.ts";
import type { AppState } from "../state/app-state.ts";
import { describeFailure, PageError, type Failure } from "../state/failure.ts";

/** A camera, on for as long as the component that asks for it is there, works, and is in sight. */
export type Camera = {
  readonly video: RefObject<HTMLVideoElement | null>; // where it is shown
  readonly live: ReadonlySignal<boolean>; // there is a picture
  readonly failure: ReadonlySignal<Failure | null>;
  readonly fail: (error: unknown) => void;
};

export const useCamera = (app: AppState): Camera => {
  const video = useRef<HTMLVideoElement>(null);
  const live = useSignal(false);
  const failure = useSignal<Failure | null>(null);
  const failed = failure.value !== null;

  const fail = useCallback(
    (error: unknown): void => {
      const told = describeFailure(error);
      live.value = false;
      failure.value = told;
      app.announce(`${told.title} ${told.advice}`);
    },
    [app, failure, live],
  );

  // A layout effect ends with the panel, not a frame later: so does the camera.
  useLayoutEffect(() => {
    if (failed) return;
    const ending = new AbortController();
    const { signal } = ending;
    const show = (stream: MediaStream): void => {
      const end = (): void => closeCamera(stream);
      if (signal.aborted || !video.current) return end();
      signal.addEventListener("abort", end);
      const unplugged = (): void => fail(new PageError("camera-busy", "The camera stopped by itself."));
      for (const track of stream.getTracks()) track.addEventListener("ended", unplugged, { signal });
      video.current.addEventListener("loadeddata", () => (live.value = true), { signal });
      video.current.srcObject = stream;
    };
    openCamera().then(show, (error: unknown) => {
      if (!signal.aborted) fail(error);
    });
    document.addEventListener("visibilitychange", () => closeUnseen(app), { signal });
    return () => ending.abort();
  }, [app, fail, failed, live]);

  return { video, live, failure, fail };
};

const closeUnseen = (app: AppState): void => {
  if (!document.hidden) return;
  app.cameraOpen.value = false;
  note(app, "The camera was stopped while the page was out of sight.");
};
