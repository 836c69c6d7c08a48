import type { MathBackendWebGL } from "@tensorflow/tfjs-backend-webgl";
import { backend, getBackend } from "@tensorflow/tfjs-core";
import type { CaptionerDecoder } from "../../checkpoint/config/captioner-config.ts";
import type { Precision } from "../../contract/precision.ts";
import type { CnnEngine } from "../../kernels/cnn-engine.ts";
import type { DecoderEngine } from "../../kernels/decoder-engine.ts";
import type { EncoderEngine } from "../../kernels/encoder-engine.ts";
import { createWasmCnn, supportsWasmCnn } from "../../kernels/wasm-cnn/create-wasm-cnn.ts";
import { createWasmEncoder, supportsWasmEncoder } from "../../kernels/wasm-encoder/create-wasm-encoder.ts";
import { wasmKernels } from "../../kernels/wasm/kernels.ts";
import { createWebglCnn } from "../../kernels/webgl-cnn/create-webgl-cnn.ts";
import { supportsWebglCnn } from "../../kernels/webgl-cnn/supports.ts";
import { createWebglEncoder } from "../../kernels/webgl-encoder/create-webgl-encoder.ts";
import { supportsWebglEncoder } from "../../kernels/webgl-encoder/supports.ts";
import type { AttentionCnnConfig } from "../../models/attention-cnn/config.ts";
import type { AwaitParameters, ParameterReader } from "../../kernels/parameter-reader.ts";
import type { VitConfig } from "../../models/vit/config.ts";
import { decoderOnWasm } from "../captioner/decoder-on-wasm.ts";

export type Placing = {
  readonly there: AwaitParameters;
  /** Of what WebGL engines keep on the GPU; those of wasm compute and keep float32. */
  readonly precision?: Precision | undefined;
};

type Start<Config, Kind> = (config: Config, read: ParameterReader, placing: Placing) => Promise<Kind | null> | null;

/** The engines of one kind of model, by the backend that they run beside; null for a model that one does not take. */
type Engines<Config, Kind> = Readonly<Record<string, Start<Config, Kind>>>;

/** The context of tfjs's backend; the driver starts no other. */
const context = () => (backend() as MathBackendWebGL).gpgpu.gl as WebGL2RenderingContext;

const ENCODERS: Engines<VitConfig, EncoderEngine> = {
  webgl(config, read, placing) {
    const gl = context();
    return supportsWebglEncoder(config, gl) ? createWebglEncoder(config, read, { gl, ...placing }) : null;
  },
  wasm(config, read, { there }) {
    const kernels = wasmKernels(); // null where the machine has no SIMD
    return kernels && supportsWasmEncoder(config) ? createWasmEncoder(config, read, kernels, there) : null;
  },
};

const CNNS: Engines<AttentionCnnConfig, CnnEngine> = {
  webgl(config, read, placing) {
    const gl = context();
    return supportsWebglCnn(config, gl) ? createWebglCnn(config, read, { gl, ...placing }) : null;
  },
  wasm(config, read, { there }) {
    const kernels = wasmKernels();
    return kernels && supportsWasmCnn(config) ? createWasmCnn(config, read, kernels, there) : null;
  },
};

/** A decoder is on the host, whatever the encoder before it runs on. */
const DECODERS: Engines<CaptionerDecoder, DecoderEngine> = { webgl: decoderOnWasm, wasm: decoderOnWasm };

type Held = { readonly bytes: () => number; readonly release: () => void };

/** Engines in use, and the bytes of their weights; on the device, and on the host beside it. */
const onDevice = new Map<Held, number>();
const onHost = new Map<Held, number>();

/** A model on the engine of its own that the backend in use has; `null` where it has none, or none for such a model. */
const starter =
  <Config, Kind extends Held>(engines: Engines<Config, Kind>, running: Map<Held, number>) =>
  async (config: Config, read: ParameterReader, placing: Placing): Promise<Kind | null> => {
    const engine = await engines[getBackend()]?.(config, read, placing);
    if (!engine) return null;
    const release = (): void => {
      running.delete(counted);
      engine.release();
    };
    const counted = { ...engine, release };
    running.set(counted, engine.bytes()); // it has run nothing yet
    return counted;
  };

export const startEncoder = starter(ENCODERS, onDevice);

export const startCnn = starter(CNNS, onDevice);

export const startDecoder = starter(DECODERS, onHost);

/**
 * What engines hold beside tfjs: their weights alone, and with what they keep for their next run; and the weights of
 * those on the host.
 */
export function measureEngines(): { readonly bytes: number; readonly allocated: number; readonly host: number } {
  const sum = (numbers: Iterable<number>): number => [...numbers].reduce((total, bytes) => total + bytes, 0);
  const allocated = sum([...onDevice.keys()].map((engine) => engine.bytes()));
  return { bytes: sum(onDevice.values()), allocated, host: sum(onHost.values()) };
}
