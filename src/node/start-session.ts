import type { BackendChoice, ModelInfo } from "../../worker/contract/api.ts";
import { Session } from "../../worker/runtime/session.ts";
import { forgetRefused } from "../../worker/checkpoint/sources/forget-refused.ts";
import { diskStore } from "./disk-store.ts";
import { openModelFolder } from "./model-folder.ts";
import { nodeHost } from "./host.ts";

export type LoadedSession = { readonly session: Session; readonly model: ModelInfo };

/** A session with one model loaded. The caller disposes the session. */
export async function startSession(model: string, backend: BackendChoice = "auto"): Promise<LoadedSession> {
  const folder = await openModelFolder(model);
  const session = await Session.start(nodeHost, backend, () => undefined); // these backends cannot be lost
  try {
    return { session, model: await forgetRefused(diskStore(), folder.origin, session.load(1, folder)) };
  } catch (error) {
    session.dispose();
    throw error;
  }
}
