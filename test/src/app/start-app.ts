import { createAppState, type AppState, type AppTools } from "../../../src/app/state/app-state.ts";
import { fakeVision, settle, type FakeVision } from "./fake-vision.ts";

export type StartedApp = { readonly app: AppState; readonly vision: FakeVision };

/** A page's state over a vision that answers as a test says. */
export const createApp = (vision: FakeVision = fakeVision(), tools: Partial<AppTools> = {}): AppState =>
  createAppState({
    startVision: async () => vision,
    backend: "auto",
    drawThumbnail: async () => null,
    fetchPicture: () => Promise.reject(new Error("no address was given")),
    ...tools,
  });

/** One that has started; its first model is being loaded. `hash`: of the page's address. */
export const startApp = async (
  vision: FakeVision = fakeVision(),
  { hash = "", ...tools }: Partial<AppTools> & { readonly hash?: string } = {},
): Promise<StartedApp> => {
  const app = createApp(vision, tools);
  void app.start(hash);
  await settle();
  return { app, vision };
};
