import { batch, signal, type ReadonlySignal } from "@preact/signals";
import type { BackendChoice, BackendReport, Precision, Vision, VisionOptions } from "../../index.ts";
import { describeFailure, type Failure } from "./failure.ts";

export type StartVision = (options: VisionOptions) => Promise<Vision>;

/** The running worker, what it computes on, and what became of it. */
export type Engine = {
  readonly vision: ReadonlySignal<Vision | null>;
  readonly backend: ReadonlySignal<BackendReport | null>;
  readonly failure: ReadonlySignal<Failure | null>; // why it could not start
  readonly restart: ReadonlySignal<string | null>; // told once another worker took over
  /** `preload`: the model that will be wanted first. */
  readonly start: (preload?: string) => Promise<void>;
  readonly dismissRestart: () => void;
  readonly dispose: () => Promise<void>;
};

export const createEngine = (startVision: StartVision, backendChoice: BackendChoice): Engine => {
  const vision = signal<Vision | null>(null);
  const backend = signal<BackendReport | null>(null);
  const failure = signal<Failure | null>(null);
  const restart = signal<string | null>(null);
  const ending = new AbortController();

  const onRestart = (reason: string, next: BackendReport): void => {
    batch(() => {
      backend.value = next;
      restart.value = `${firstSentence(reason)}; continuing on ${backendTitle(next)}.`;
    });
  };

  const start = async (preload?: string): Promise<void> => {
    failure.value = null;
    try {
      const started = await startVision({ backend: backendChoice, preload, onRestart, signal: ending.signal });
      batch(() => {
        vision.value = started;
        backend.value = started.backend;
      });
    } catch (error) {
      if (!ending.signal.aborted) failure.value = describeStartFailure(error, backendChoice);
    }
  };

  const dispose = async (): Promise<void> => {
    ending.abort();
    const running = vision.peek();
    vision.value = null;
    await running?.dispose();
  };

  return { vision, backend, failure, restart, start, dispose, dismissRestart: () => void (restart.value = null) };
};

/** Without its full stop; the rest is for programmers. */
const firstSentence = (text: string): string => /^.*?(?=\.?$|\.\s)/s.exec(text)?.[0] ?? text;

const TITLES = { webgl: "WebGL", wasm: "wasm", cpu: "cpu" } as const;
const RENDERERS = { webgl: "GPU", wasm: "CPU", cpu: "JavaScript" } as const; // where nothing better is known

/** Where a backend was asked for, another may well work. */
const describeStartFailure = (error: unknown, asked: BackendChoice): Failure => {
  const failure = describeFailure(error);
  if (failure.code !== "backend-unavailable" || asked === "auto") return failure;
  const title = `${TITLES[asked]} does not work in this browser.`;
  return { ...failure, title, advice: `Open this page without backend=${asked} in its address.` };
};

/** The backend and what runs it, as people call them: `WebGL · Apple M2 · float16`, `wasm · CPU · 4 threads`. */
export const backendTitle = ({ name, renderer, software, threads, precision }: BackendReport): string => {
  const runs = renderer ?? (software ? "software" : RENDERERS[name]);
  const unusual = [threads > 1 && `${threads} threads`, precision !== "float32" && precision].filter(Boolean);
  return [TITLES[name], runs, ...unusual].join(" · ");
};

/** `?backend=webgl` in the page's address asks for one backend; anything else means "auto". */
export const backendFromAddress = (search: string): BackendChoice => {
  const asked = new URLSearchParams(search).get("backend");
  return asked === "webgl" || asked === "wasm" || asked === "cpu" ? asked : "auto";
};

/** `?precision=float16` asks for half floats on the GPU. */
export const precisionFromAddress = (search: string): Precision =>
  new URLSearchParams(search).get("precision") === "float16" ? "float16" : "float32";
