import type { BackendChoice } from "../../worker/contract/api.ts";
import { VisionError } from "../../worker/contract/errors.ts";
import { expectOptions } from "../../worker/contract/expect-object.ts";
import { Session } from "../../worker/runtime/session.ts";
import { nodeHost } from "./host.ts";
import { NodeVision } from "./node-vision.ts";

/** tfjs has one backend in a process: another vision would take it from the first. */
let isOpen = false;

/**
 * Chooses a backend, wasm or cpu. A process has one vision at a time, with as many models as memory holds. Rejects with
 * `backend-unavailable`, also where another vision has not been disposed, or `invalid-argument`.
 */
export async function createVision(options: { readonly backend?: BackendChoice } = {}): Promise<NodeVision> {
  expectOptions(options, ["backend"]);
  const { backend = "auto" } = options;
  if (isOpen) {
    throw new VisionError("backend-unavailable", "A process has one vision at a time; dispose the other one first.");
  }
  isOpen = true;
  try {
    const session = await Session.start(nodeHost, backend, () => undefined); // these backends cannot be lost
    return new NodeVision(session, () => (isOpen = false));
  } catch (error) {
    isOpen = false;
    throw error;
  }
}
