import { Session } from "../../../worker/runtime/session.ts";
import type { BackendName } from "../../../worker/contract/api.ts";
import type { ModelFolder } from "../../../worker/contract/model-folder.ts";
import type { Contestant, Way } from "./contestant.ts";
import { driverFor } from "./drivers.ts";

/** Any model as the page's worker has it. */
export async function inSession(folder: ModelFolder, way: Way): Promise<Contestant> {
  const decode = (): never => {
    throw new Error("pictures come as pixels here");
  };
  const session = await Session.start({ drivers: [driverFor(way)], decode }, way.on as BackendName, () => undefined);
  const { id } = await session.load(1, folder);
  return {
    wantsChannelsLast: false,
    bytes: () => session.status().memory.gpuBytesAllocated ?? session.status().memory.bytes,
    async run(images) {
      return (await session.forward(id, images, { stages: ["logits"] })).get("logits")!.values;
    },
  };
}
