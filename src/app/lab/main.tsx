import { render } from "preact";
import { keepOffline } from "../keep-offline.ts";
import { LabPage } from "./frame/lab-page.tsx";
import { holdAddressed } from "./state/hold-addressed.ts";
import { LabContext } from "./state/lab-context.ts";
import { LabPictures } from "./state/lab-pictures.ts";
import { LabWorker } from "./state/lab-worker.ts";
import { createLanguage } from "./state/language.ts";

const place = document.getElementById("lab");
if (!place) throw new Error('main: wanted an element with id "lab" in lab.html, got none');

const worker = new LabWorker();

// A page put aside for the back button keeps its worker; a closed one does not.
addEventListener("pagehide", (event) => {
  if (!event.persisted) worker.dispose();
});

render(
  <LabContext.Provider value={{ worker, pictures: new LabPictures(), language: createLanguage() }}>
    <LabPage />
  </LabContext.Provider>,
  place,
);

holdAddressed(place);
void keepOffline();
