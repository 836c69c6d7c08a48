import { add, clone, mul, tidy, variable, type Tensor, type Variable } from "@tensorflow/tfjs-core";
import { VisionError } from "../contract/errors.ts";

/** A second set of parameters that follows the trained one slowly, and often answers better than it. */
export interface MovingAverage {
  /** After an update of the parameters. */
  update(): void;
  /** Exchanges parameters and averages, for an evaluation; a second call exchanges them back. */
  swap(): void;
  /** By parameter; the average's own, and changed by the next update. */
  readonly values: ReadonlyMap<string, Tensor>;
  /** Goes on from where `values` were read after `made` updates; the tensors remain the caller's. */
  restore(values: ReadonlyMap<string, Tensor>, made: number): void;
  dispose(): void;
}

/** Of the average that stays at update t, counted from 0: less at first, while it is still of the random start. */
const keptAt = (decay: number, t: number): number => Math.min(decay, (1 + t) / (10 + t)); // as TensorFlow's

/** `decay`: the share of the average that stays at each update, below 1; 0.999 remembers about 1,000 updates. */
export function followAverage(parameters: ReadonlyMap<string, Variable>, decay: number): MovingAverage {
  const averages = new Map([...parameters].map(([name, value]) => [name, tidy(() => variable(clone(value), false))]));
  let updates = 0;
  const eachPair = (act: (average: Variable, parameter: Variable) => void): void =>
    tidy(() => {
      for (const [name, average] of averages) act(average, parameters.get(name)!);
    });
  return {
    update() {
      const kept = keptAt(decay, updates++);
      eachPair((average, parameter) => average.assign(add(mul(average, kept), mul(parameter, 1 - kept))));
    },
    swap() {
      eachPair((average, parameter) => {
        const held = clone(average);
        average.assign(parameter);
        parameter.assign(held);
      });
    },
    values: averages,
    restore(from, made) {
      for (const [name, average] of averages) {
        const value = from.get(name);
        if (!value) throw new VisionError("invalid-argument", `moving average: wanted ${name}, got none of that name`);
        average.assign(value);
      }
      updates = made;
    },
    dispose() {
      for (const average of averages.values()) average.dispose();
      averages.clear();
    },
  };
}
