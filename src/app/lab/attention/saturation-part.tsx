import type { VNode } from "preact";
import { useState } from "preact/hooks";
import type { Saturation } from "../../../../worker/contract/lab.ts";
import { Answered } from "../frame/answered.tsx";
import { RangeField } from "../frame/fields.tsx";
import { LineChart, type Series } from "../frame/line-chart.tsx";
import { useWords } from "../state/lab-context.ts";
import type { Lab } from "../state/lab-worker.ts";
import { attentionWords } from "./words.ts";

const SIZES = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512];

const measure = async (lab: Lab, job: number, keys: number) => {
  const question = { sizes: SIZES, keys, seed: 1 };
  return {
    scaled: await lab.measureSaturation(job, question, true),
    plain: await lab.measureSaturation(job, question, false),
  };
};

/** What becomes of softmax as vectors grow, with √d and without. */
export const SaturationPart = (): VNode => {
  const words = useWords(attentionWords);
  const [keys, setKeys] = useState(16);
  const seriesOf = (
    { scaled, plain }: { scaled: Saturation[]; plain: Saturation[] },
    what: "largest" | "gradient",
  ): Series[] => [
    { name: words.withScale, points: scaled.map((at) => [at.size, at[what]]) },
    { name: words.withoutScale, points: plain.map((at) => [at.size, at[what]]) },
  ];
  return (
    <>
      <RangeField label={words.keys} testId="saturation-keys" value={keys} min={2} max={64} onChange={setKeys} />
      <Answered question={keys} ask={measure}>
        {(found) => (
          <div class="lab-columns">
            <LineChart
              title={words.largest}
              x={words.size}
              y={words.largest}
              logX={2}
              series={seriesOf(found, "largest")}
            />
            <LineChart
              title={words.gradient}
              x={words.size}
              y={words.gradient}
              logX={2}
              series={seriesOf(found, "gradient")}
            />
          </div>
        )}
      </Answered>
    </>
  );
};
