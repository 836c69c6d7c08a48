import { mul } from "@tensorflow/tfjs-core";
import { followMoments, type AdamOptions } from "./adam.ts";
import { createOptimiser, type Optimiser, type Optimised } from "./optimiser.ts";

/** Adam whose weight decay acts on the parameter itself (Loshchilov & Hutter 2019), as `torch.optim.AdamW`. */
export const createAdamW = (trained: Optimised, options: AdamOptions = {}): Optimiser => {
  const { slots, update } = followMoments(options);
  return createOptimiser(trained, {
    slots,
    update: (parameter, gradient, moments, now) =>
      update(mul(parameter, 1 - now.rate * now.decay), gradient, moments, now),
  });
};
