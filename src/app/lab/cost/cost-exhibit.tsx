import type { VNode } from "preact";
import { useState } from "preact/hooks";
import type { LayerSizes } from "../../../../worker/contract/lab.ts";
import { Answered } from "../frame/answered.tsx";
import { Exhibit } from "../frame/exhibit.tsx";
import { RangeField } from "../frame/fields.tsx";
import { useWords } from "../state/lab-context.ts";
import type { Lab } from "../state/lab-worker.ts";
import { CostTable } from "./cost-table.tsx";
import { costWords } from "./words.ts";

/** Of each size: the slider's ends and step. */
const LIMITS = { n: [8, 256, 8], d: [8, 256, 8], k: [2, 9, 1], r: [1, 64, 1] } as const;
const SIZES = ["n", "d", "k", "r"] as const;

const count = (lab: Lab, job: number, sizes: LayerSizes) => lab.layerCosts(job, sizes);

/** Table 1 of Vaswani et al. 2017 for sizes to choose, with times beside it. */
export const CostExhibit = (): VNode => {
  const words = useWords(costWords);
  const [sizes, setSizes] = useState<LayerSizes>({ n: 64, d: 128, k: 3, r: 16 });
  return (
    <Exhibit id="cost" title={words.title} text={words.text}>
      <div class="lab-controls">
        {SIZES.map((size) => {
          const [min, max, step] = LIMITS[size];
          return (
            <RangeField
              key={size}
              label={words[size]}
              testId={`size-${size}`}
              value={sizes[size]}
              min={min}
              max={max}
              step={step}
              onChange={(value) => setSizes((old) => ({ ...old, [size]: value }))}
            />
          );
        })}
      </div>
      <Answered question={sizes} ask={count}>
        {(costs) => <CostTable costs={costs} sizes={sizes} />}
      </Answered>
    </Exhibit>
  );
};
