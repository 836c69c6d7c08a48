import type { VNode } from "preact";
import type { FaithfulnessCurve } from "../../../index.ts";
import { formatPercent } from "../../format.ts";
import { METHOD_WORDS } from "../../state/looking/methods.ts";
import type { Trial } from "../../state/looking/trials.ts";
import { useApp } from "../app-context.ts";
import { FailureNote } from "../failure-note.tsx";

/** Whether the answer depends on what the map shows. */
export const TrialPanel = (): VNode => {
  const { trials, looking } = useApp();
  const target = trials.target.value;
  const label = target === null ? undefined : looking.subject.value?.model.labels[target];
  return (
    <div class="trials">
      <p>
        A map is faithful if the answer depends on what it shows. Take away the patches that it names first, and{" "}
        {label === undefined ? "the answer" : `“${label}”`} should soon be gone; put them back first, and it should soon
        return.
      </p>
      <div class="trial-buttons">
        <TryButton look="button button-main" testId="try-shown" label="Test this map" onTry={trials.tryShown} />
        <TryButton look="button" testId="try-all" label="Test every method" onTry={trials.tryAll} />
      </div>
      {trials.failure.value && <FailureNote failure={trials.failure.value} />}
      {trials.results.value.length > 0 && <TrialTable results={trials.results.value} />}
    </div>
  );
};

type TryButtonProps = {
  readonly look: string; // its classes
  readonly testId: string;
  readonly label: string;
  readonly onTry: () => Promise<void>;
};

/** Does nothing while a test is under way, and yet keeps the keyboard, which a disabled button loses. */
const TryButton = ({ look, testId, label, onTry }: TryButtonProps): VNode => {
  const busy = useApp().trials.trying.value !== null;
  return (
    <button
      type="button"
      class={look}
      data-testid={testId}
      aria-disabled={busy}
      onClick={() => {
        if (!busy) void onTry();
      }}
    >
      {label}
    </button>
  );
};

const TrialTable = ({ results }: { results: readonly Trial[] }): VNode => (
  <table class="trial-table" data-testid="trial-results">
    <caption>Most faithful first: low when taken away, high when put back.</caption>
    <thead>
      <tr>
        <th scope="col">Map</th>
        <th scope="col">Taken away</th>
        <th scope="col">Put back</th>
        <th scope="col">Difference</th>
      </tr>
    </thead>
    <tbody>
      {results.map(({ key, choice, faithfulness: { deletion, insertion }, score }) => (
        <tr key={key} data-method={choice.method}>
          <th scope="row">
            {METHOD_WORDS[choice.method].title}
            <span class="hint">{tellSettings(choice)}</span>
          </th>
          <td>
            <Curve curve={deletion} kind="deletion" />
            {formatPercent(deletion.area)}
          </td>
          <td>
            <Curve curve={insertion} kind="insertion" />
            {formatPercent(insertion.area)}
          </td>
          <td>{formatSigned(score)}</td>
        </tr>
      ))}
    </tbody>
  </table>
);

const tellSettings = ({ layer, head, query }: Trial["choice"]): string =>
  Object.entries({ layer, head, patch: typeof query === "number" ? query : null })
    .filter(([, value]) => value !== null)
    .map(([name, value]) => `${name} ${value}`)
    .join(", ");

const formatSigned = (score: number): string => `${score < 0 ? "−" : "+"}${Math.abs(score * 100).toFixed(1)}`;

const SHAPE = { width: 80, height: 32 } as const;

/** A probability, 0…1 upwards, over the share of the picture. */
const Curve = ({ curve, kind }: { curve: FaithfulnessCurve; kind: string }): VNode => {
  const { fractions, probabilities } = curve;
  const points = Array.from(fractions, (fraction, i) => {
    const y = (1 - probabilities[i]!) * SHAPE.height;
    return `${(fraction * SHAPE.width).toFixed(1)} ${y.toFixed(1)}`;
  });
  const half = formatPercent(probabilities[Math.floor(probabilities.length / 2)] ?? 0);
  const ends = [probabilities[0] ?? 0, probabilities.at(-1) ?? 0].map(formatPercent);
  return (
    <svg
      class={`curve curve-${kind}`}
      viewBox={`-1 -1 ${SHAPE.width + 2} ${SHAPE.height + 2}`}
      role="img"
      aria-label={`From ${ends[0]} over ${half} to ${ends[1]}; area ${formatPercent(curve.area)}`}
    >
      <path class="curve-area" d={`M0 ${SHAPE.height}L${points.join("L")}L${SHAPE.width} ${SHAPE.height}Z`} />
      <path class="curve-line" d={`M${points.join("L")}`} />
    </svg>
  );
};
