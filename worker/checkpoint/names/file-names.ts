import type { HostTensors } from "../../contract/host-tensor.ts";
import type { Located } from "../file-tensors.ts";

/** Why a tensor is set apart; no reason, and it is not. */
type Reason = (name: string) => string | undefined;

/** How the names in a file stand to a model's own: all that is needed to sort a file's tensors. */
export type FileNames = {
  readonly title: string; // whose names they are, for people
  /** Where the file holds, or should hold, a parameter. */
  readonly locate: (canonical: string, tensors: HostTensors) => Located;
  /** Of tensors that no answer depends on. */
  readonly whyIgnored: Reason;
  /** Of tensors that would change the answer in ways the model does not compute. */
  readonly whyUnsupported: Reason;
};
