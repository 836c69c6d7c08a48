import { add, dispose, mul, tidy, type Tensor } from "@tensorflow/tfjs-core";

/** Gradients of several small batches on their way to one update. */
export interface GradientSum {
  /** Gradients of a mean loss over `pictures`; they remain the caller's. */
  add(gradients: ReadonlyMap<string, Tensor>, pictures: number): void;
  /** The gradients of the mean over all pictures since the last call, which the caller owns; starts anew. */
  take(): Map<string, Tensor>;
  dispose(): void;
}

export function accumulateGradients(): GradientSum {
  let sums = new Map<string, Tensor>();
  let total = 0; // pictures
  const clear = (): void => {
    dispose([...sums.values()]);
    sums = new Map();
    total = 0;
  };
  return {
    add(gradients, pictures) {
      for (const [name, gradient] of gradients) {
        const before = sums.get(name);
        const share = (): Tensor => mul(gradient, pictures);
        sums.set(name, before ? tidy(() => add(before, share())) : share());
        before?.dispose();
      }
      total += pictures;
    },
    take() {
      const means = new Map([...sums].map(([name, sum]) => [name, mul(sum, 1 / total)]));
      clear();
      return means;
    },
    dispose: clear,
  };
}
