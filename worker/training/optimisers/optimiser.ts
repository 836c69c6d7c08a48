import { tidy, variable, zerosLike, type Tensor, type Variable } from "@tensorflow/tfjs-core";
import { VisionError } from "../../contract/errors.ts";
import { expectShape } from "../../layers/expect-shape.ts";

/** Changes parameters by their gradients, and remembers what it needs from one update to the next. */
export interface Optimiser {
  /** One update. A parameter without a gradient stays as it is; the gradients remain the caller's. */
  step(gradients: ReadonlyMap<string, Tensor>, rate: number): void;
  /** What is remembered, by `slot.parameter`; the optimiser's own, and changed by the next update. */
  readonly state: ReadonlyMap<string, Tensor>;
  /** Updates made. */
  readonly steps: number;
  /** Goes on from where `state` and `steps` were read; the tensors remain the caller's. */
  restore(state: ReadonlyMap<string, Tensor>, steps: number): void;
  /** Forgets the state; the parameters remain the caller's. */
  dispose(): void;
}

/** What holds for some of the parameters. */
export type ParameterGroup = {
  readonly rate: number; // factor of the rate of an update
  readonly decay: number; // weight decay; 0 for biases and norms
};

/** Parameters by their names in a checkpoint, and which group a name is in. */
export type Optimised = {
  readonly parameters: ReadonlyMap<string, Variable>;
  readonly groupOf: (name: string) => ParameterGroup;
};

export type Update = {
  readonly rate: number;
  readonly decay: number;
  readonly step: number; // counted from 1
};

/** An optimiser as arithmetic: (parameter, gradient, slots) → [parameter, ...slots], all of one shape. Slots start at 0. */
export type UpdateRule = {
  readonly slots: readonly string[];
  readonly update: (parameter: Tensor, gradient: Tensor, slots: readonly Tensor[], update: Update) => readonly Tensor[];
};

/** An optimiser of this rule, with slots of zeros for every parameter. Throws `invalid-argument` for unknown names. */
export function createOptimiser({ parameters, groupOf }: Optimised, rule: UpdateRule): Optimiser {
  const state = new Map<string, Variable>();
  for (const [name, parameter] of parameters) {
    for (const slot of rule.slots)
      state.set(
        `${slot}.${name}`,
        tidy(() => variable(zerosLike(parameter), false)),
      );
  }
  let steps = 0;

  const change = (name: string, gradient: Tensor, rate: number): void => {
    const parameter = known("gradient", name, parameters);
    expectShape(`gradient of ${name}`, gradient, parameter.shape);
    const slots = rule.slots.map((slot) => known("slot", `${slot}.${name}`, state));
    const group = groupOf(name);
    tidy(() => {
      const update = { rate: rate * group.rate, decay: group.decay, step: steps };
      const [value, ...remembered] = rule.update(parameter, gradient, slots, update);
      parameter.assign(value!);
      for (const [index, slot] of slots.entries()) slot.assign(remembered[index]!);
    });
  };

  return {
    step(gradients, rate) {
      steps += 1;
      for (const [name, gradient] of gradients) change(name, gradient, rate);
    },
    state,
    get steps() {
      return steps;
    },
    restore(from, made) {
      for (const [name, slot] of state) {
        const value = known("optimiser state", name, from);
        expectShape(`optimiser state ${name}`, value, slot.shape);
        slot.assign(value);
      }
      steps = made;
    },
    dispose() {
      for (const slot of state.values()) slot.dispose();
      state.clear();
    },
  };
}

function known<T>(what: string, name: string, all: ReadonlyMap<string, T>): T {
  const found = all.get(name);
  if (found !== undefined) return found;
  throw new VisionError("invalid-argument", `${what}: wanted one of ${all.size} known names, got ${name}`);
}
