import { PageError } from "../state/failure.ts";

/** Starts a camera, the one facing away where there is a choice. Throws a `PageError` that says what to do. */
export const openCamera = async (): Promise<MediaStream> => {
  const devices = navigator.mediaDevices as MediaDevices | undefined; // missing on insecure pages
  if (!devices) throw new PageError("camera-insecure", "This page was not opened over https.");
  try {
    return await devices.getUserMedia({ video: { facingMode: "environment", width: { ideal: 1280 } } });
  } catch (error) {
    throw cameraError(error);
  }
};

export const closeCamera = (stream: MediaStream): void => stream.getTracks().forEach((track) => track.stop());

/** The frame on screen as a file. */
export const captureFrame = async (video: HTMLVideoElement, name: string): Promise<File> => {
  const canvas = document.createElement("canvas");
  canvas.width = video.videoWidth;
  canvas.height = video.videoHeight;
  canvas.getContext("2d")?.drawImage(video, 0, 0);
  const frame = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, "image/png")); // no second loss
  if (!frame) throw new PageError("camera-busy", "The camera gave no picture yet.");
  return new File([frame], name, { type: frame.type });
};

/** What `getUserMedia` rejects with, by the names of the Media Capture specification. */
export const cameraError = (error: unknown): PageError => {
  const { name, message } = error instanceof Error ? error : new Error(String(error));
  if (name === "NotAllowedError" || name === "SecurityError") return new PageError("camera-refused", message);
  if (name === "NotFoundError" || name === "OverconstrainedError") return new PageError("camera-missing", message);
  return new PageError("camera-busy", message);
};
