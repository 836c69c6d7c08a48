import type { MathBackendWebGL } from "@tensorflow/tfjs-backend-webgl";
import { backend, getBackend } from "@tensorflow/tfjs-core";
import type { EncoderEngine } from "../kernels/encoder-engine.ts";
import { createWasmEncoder } from "../kernels/wasm-encoder/create-wasm-encoder.ts";
import { fitsKernels } from "../kernels/wasm-encoder/encoder-frame.ts";
import { encoderKernels } from "../kernels/wasm-encoder/kernels.ts";
import { createWebglEncoder } from "../kernels/webgl-encoder/engine.ts";
import { supportsWebglEncoder } from "../kernels/webgl-encoder/supports.ts";
import type { VitConfig } from "../models/vit/config.ts";
import type { ParameterReader } from "../models/parameter-reader.ts";
import type { Pause } from "./device.ts";

type Start = (config: VitConfig, read: ParameterReader, pause: Pause) => Promise<EncoderEngine> | null;

const ENGINES: Readonly<Record<string, Start>> = {
  webgl(config, read, pause) {
    const gl = (backend() as MathBackendWebGL).gpgpu.gl as WebGL2RenderingContext; // the driver starts no other
    return supportsWebglEncoder(config, gl) ? createWebglEncoder(config, read, { gl, pause }) : null;
  },
  wasm(config, read, pause) {
    const kernels = encoderKernels(); // null where the machine has no SIMD
    return kernels && fitsKernels(config) ? createWasmEncoder(config, read, kernels, pause) : null;
  },
};

/** Engines in use, and the bytes of their weights. */
const running = new Map<EncoderEngine, number>();

/** A ViT on the engine of its own that the backend in use has; `null` where it has none, or none for such a model. */
export async function startEngine(
  config: VitConfig,
  read: ParameterReader,
  pause: Pause,
): Promise<EncoderEngine | null> {
  const engine = await ENGINES[getBackend()]?.(config, read, pause);
  if (!engine) return null;
  const release = (): void => {
    running.delete(counted);
    engine.release();
  };
  const counted = { ...engine, release };
  running.set(counted, engine.bytes()); // it has run nothing yet
  return counted;
}

/** What engines hold beside tfjs: their weights alone, and with what they keep for their next run. */
export function measureEngines(): { readonly bytes: number; readonly allocated: number } {
  const sum = (numbers: readonly number[]): number => numbers.reduce((total, bytes) => total + bytes, 0);
  return { bytes: sum([...running.values()]), allocated: sum([...running.keys()].map((engine) => engine.bytes())) };
}
