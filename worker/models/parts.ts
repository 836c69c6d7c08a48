import { dispose, tensor_util, tidy, type Tensor, type TensorContainer } from "@tensorflow/tfjs-core";

// tfjs finds every tensor of a model, each once; its types alone know no nulls and no read-only lists.

/** `tidy` that keeps what a model, or a part of one, is made of. */
export const keepParts = <Parts>(make: () => Parts): Parts => tidy(make as () => TensorContainer) as Parts;

/** Gives back every tensor of a model but those that someone else holds. */
export function releaseParts(parts: object, held: Iterable<Tensor> = []): void {
  const others = new Set(held);
  const tensors = tensor_util.getTensorsInContainer(parts as unknown as TensorContainer);
  dispose(tensors.filter((tensor) => !others.has(tensor)));
}
