import { VisionError, type VisionErrorCode } from "../../../../worker/contract/errors.ts";

export const isVisionError = (error: unknown, code: VisionErrorCode): boolean =>
  error instanceof VisionError && error.code === code;
