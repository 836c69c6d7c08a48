import { effect } from "@preact/signals";
import { render } from "preact";
import { createVision } from "../index.ts";
import { App } from "./components/app.tsx";
import { drawThumbnail } from "./intake/draw-thumbnail.ts";
import { fetchPicture } from "./intake/picture-address.ts";
import { keepOffline } from "./keep-offline.ts";
import { createAppState } from "./state/app-state.ts";
import { backendFromAddress, precisionFromAddress } from "./state/engine.ts";

const place = document.getElementById("app");
if (!place) throw new Error('main: wanted an element with id "app" in index.html, got none');

const app = createAppState({
  startVision: (options) => createVision({ ...options, precision: precisionFromAddress(location.search) }),
  backend: backendFromAddress(location.search),
  drawThumbnail,
  fetchPicture,
});

// A page put aside for the back button keeps its worker; a closed one does not.
addEventListener("pagehide", (event) => {
  if (!event.persisted) void app.dispose();
});

render(<App app={app} />, place);
addEventListener("hashchange", () => app.followLink(location.hash));

/** The first photo's answer comes before what later visits need. */
const quiet = (): Promise<void> =>
  new Promise((resolve) => void effect(() => void (app.activity.value === null && resolve())));
void app.start(location.hash).then(quiet).then(keepOffline);
