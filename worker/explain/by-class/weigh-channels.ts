import { matMul, mean, relu, reshape, tidy, type Tensor1D, type Tensor2D } from "@tensorflow/tfjs-core";

/** A map `[cells]` for one class, which the caller owns. */
export type ClassMap = { readonly map: Tensor1D; readonly target: number };

/**
 * Grad-CAM (Selvaraju et al. 2017): features `[cells, C]`, each channel weighted by its mean gradient, summed; what
 * speaks against the class is 0. gradient `[cells, C]` → `[cells]`
 */
export const weighChannels = (features: Tensor2D, gradient: Tensor2D): Tensor1D =>
  tidy(() => {
    const weights = reshape(mean(gradient, 0), [gradient.shape[1], 1]); // [C, 1]
    return reshape(relu(matMul(features, weights)), [features.shape[0]]);
  });

/** Where to look, and for which class. */
export type GradCam = { readonly target: number | undefined; readonly layer: number };
