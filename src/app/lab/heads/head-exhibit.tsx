import type { VNode } from "preact";
import { useState } from "preact/hooks";
import { Exhibit } from "../frame/exhibit.tsx";
import { PictureAnswered, type AskPicture } from "../picture/picture-answered.tsx";
import { PicturePanel } from "../picture/picture-panel.tsx";
import { useWords } from "../state/lab-context.ts";
import type { HeadMaps } from "../../../../worker/contract/lab.ts";
import { HeadMapsView } from "./head-maps-view.tsx";
import { headWords } from "./words.ts";

const show: AskPicture<{ layer: number }, HeadMaps> = (lab, job, picture, { layer }) =>
  lab.showHeads(job, picture, layer);

/** Every head's own map, and what one map for all of them loses. */
export const HeadExhibit = (): VNode => {
  const words = useWords(headWords);
  const [layer, setLayer] = useState(3); // where heads differ most on the examples
  return (
    <Exhibit
      id="heads"
      title={words.title}
      text={words.text}
      tex={"\\text{concat}_h\\left(\\text{softmax}\\left(\\frac{Q_hK_h^{\\top}}{\\sqrt{d/H}}\\right)V_h\\right)W_O"}
    >
      <PicturePanel testId="heads" />
      <PictureAnswered question={{ layer }} ask={show}>
        {(maps, { canvas }) => <HeadMapsView maps={maps} photo={canvas} layer={layer} onLayer={setLayer} />}
      </PictureAnswered>
    </Exhibit>
  );
};
