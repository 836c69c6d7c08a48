import type { VNode } from "preact";
import { useState } from "preact/hooks";
import type { PositionsQuestion } from "../../../../worker/contract/lab.ts";
import { Answered } from "../frame/answered.tsx";
import { Exhibit } from "../frame/exhibit.tsx";
import { RangeField } from "../frame/fields.tsx";
import { LineChart } from "../frame/line-chart.tsx";
import { MatrixPicture } from "../frame/matrix-picture.tsx";
import { useWords } from "../state/lab-context.ts";
import type { Lab } from "../state/lab-worker.ts";
import { PermutationPart } from "./permutation-part.tsx";
import { positionWords } from "./words.ts";

const show = (lab: Lab, job: number, question: PositionsQuestion) => lab.showPositions(job, question);

/** Sinusoidal positions, and what self-attention is without them. */
export const PositionExhibit = (): VNode => {
  const words = useWords(positionWords);
  const [count, setCount] = useState(50);
  const [width, setWidth] = useState(64);
  return (
    <Exhibit
      id="positions"
      title={words.title}
      text={words.text}
      tex={"p_{t,2i}=\\sin\\frac{t}{10000^{2i/d}},\\quad p_{t,2i+1}=\\cos\\frac{t}{10000^{2i/d}}"}
    >
      <div class="lab-controls">
        <RangeField label={words.count} testId="places" value={count} min={8} max={128} onChange={setCount} />
        <RangeField
          label={words.width}
          testId="wave-width"
          value={width}
          min={4}
          max={128}
          step={2}
          onChange={setWidth}
        />
      </div>
      <Answered question={{ count, width }} ask={show}>
        {({ waves, products }) => (
          <div class="lab-columns">
            <MatrixPicture title={words.picture} rows={waves} low={-1} high={1} />
            <LineChart
              title={words.products}
              x={words.distance}
              y={words.product}
              series={[{ name: words.product, points: products[0]!.map((product, distance) => [distance, product]) }]}
              testId="position-products"
            />
          </div>
        )}
      </Answered>
      <PermutationPart />
    </Exhibit>
  );
};
