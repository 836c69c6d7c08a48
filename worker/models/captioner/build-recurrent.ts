import { tensor } from "@tensorflow/tfjs-core";
import type { ParameterReader } from "../../kernels/parameter-reader.ts";
import { assembleRecurrent } from "./assemble-recurrent.ts";
import type { RecurrentConfig } from "./config.ts";
import { keepParts } from "../parts.ts";
import { recurrentParameterShapes } from "./parameters.ts";
import type { RecurrentCaptioner } from "./recurrent-captioner.ts";

/**
 * Puts a recurrent captioner's parameters on the current backend. The caller ends it with `releaseRecurrent`; whatever
 * is thrown, no tensor is left behind.
 */
export function buildRecurrent(config: RecurrentConfig, read: ParameterReader): RecurrentCaptioner {
  const shapes = recurrentParameterShapes(config);
  return keepParts(() => assembleRecurrent((name) => tensor(read(name), [...shapes.get(name)!]), config));
}
