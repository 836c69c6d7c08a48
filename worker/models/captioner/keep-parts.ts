import { tidy, type TensorContainer } from "@tensorflow/tfjs-core";

/** `tidy` for what holds nulls and read-only lists, which it walks through but whose types it does not know. */
export const keepParts = <Parts>(make: () => Parts): Parts => tidy(make as () => TensorContainer) as Parts;
