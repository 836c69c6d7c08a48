import { FLAX } from "./flax.ts";
import {
  HUGGING_FACE_4,
  HUGGING_FACE_4_TEACHER,
  HUGGING_FACE_5,
  HUGGING_FACE_5_TEACHER,
  HUGGING_FACE_DINOV2,
} from "./hugging-face.ts";
import type { NamingScheme } from "./naming-scheme.ts";
import { DEIT_3, DINOV2, TIMM, TIMM_MEAN } from "./timm.ts";
import { TORCHVISION, TORCHVISION_BARE_HEAD, TORCHVISION_OLD, TORCHVISION_OLD_BARE_HEAD } from "./torchvision.ts";

/** Every naming scheme that is read. Where two explain a file equally well, the earlier one is taken. */
export const NAMING_SCHEMES: readonly NamingScheme[] = [
  HUGGING_FACE_4,
  HUGGING_FACE_5,
  HUGGING_FACE_4_TEACHER,
  HUGGING_FACE_5_TEACHER,
  HUGGING_FACE_DINOV2,
  TIMM,
  TIMM_MEAN,
  DINOV2,
  DEIT_3,
  TORCHVISION,
  TORCHVISION_OLD,
  TORCHVISION_BARE_HEAD,
  TORCHVISION_OLD_BARE_HEAD,
  FLAX,
];
