import { getGradient, registerGradient } from "@tensorflow/tfjs-core";
import { elementwise } from "./gradients/elementwise.ts";
import { gathered } from "./gradients/gathered.ts";
import { joined } from "./gradients/joined.ts";
import { products } from "./gradients/products.ts";
import { rearrangements } from "./gradients/rearrangements.ts";
import { reductions } from "./gradients/reductions.ts";
import { registerFilterGradient } from "./gradients/on-wasm/filter-gradient.ts";
import { registerInputGradient } from "./gradients/on-wasm/input-gradient.ts";
import { registerMatrixProduct } from "./gradients/on-wasm/matrix-product.ts";
import { registerMoves } from "./gradients/on-wasm/moves.ts";

/**
 * Teaches tfjs the gradients of the kernels that layers and losses run. tfjs-core comes without any, and its own list
 * brings those of every kernel. A gradient that is registered already stays. The wasm backend gets what it lacks, or
 * computes too slowly, if its module is loaded. Call it once or often, before the first gradient is asked for.
 */
export function registerGradients(): void {
  for (const gradient of [...elementwise, ...rearrangements, ...joined, gathered, ...reductions, ...products]) {
    if (!isRegistered(gradient.kernelName)) registerGradient(gradient);
  }
  registerFilterGradient();
  registerInputGradient();
  registerMatrixProduct();
  registerMoves();
}

/** tfjs's types say that every kernel has a gradient. */
const isRegistered = (kernelName: string): boolean => (getGradient(kernelName) as unknown) !== undefined;
