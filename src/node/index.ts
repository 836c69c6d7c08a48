/** patchlight for Node: the session that the browser's worker runs, with pictures decoded by sharp. */
export { createVision } from "./create-vision.ts";
export type { NodeImage, NodeModel, NodeVision } from "./node-vision.ts";
export { openModelFolder } from "./model-folder.ts";
export { nodeHost } from "./host.ts";
export { startSession, type LoadedSession } from "./start-session.ts";
export { Session, type Host } from "../../worker/runtime/session.ts";
export { VISION_ERROR_CODES, VisionError, type VisionErrorCode } from "../../worker/contract/errors.ts";
