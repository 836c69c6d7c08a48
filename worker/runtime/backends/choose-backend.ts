import type { BackendChoice, BackendName, BackendReport } from "../../contract/api.ts";
import { VisionError } from "../../contract/errors.ts";
import { closeBackend } from "./close-backend.ts";
import type { BackendDriver, StartedBackend } from "./driver.ts";
import { selfTest } from "./self-test.ts";

export type ChosenBackend = { readonly started: StartedBackend; readonly report: BackendReport };

type Rejected = { readonly name: BackendName; readonly reason: string };

const SOFTWARE = "WebGL2 in software, on the CPU, answered the self-test.";

const REASONS: Record<BackendName, string> = {
  webgl: "WebGL2 on the GPU answered the self-test.",
  wasm: "WebAssembly answered the self-test.",
  cpu: "Plain JavaScript: slow, but it works everywhere.",
};

/** A backend that does not answer is as bad as one that fails. */
const START_TIMEOUT = 20_000; // milliseconds

/**
 * Starts the backend asked for, or with "auto" the first of `drivers` that starts, is no software renderer, and passes
 * the self-test. Throws `backend-unavailable` with every reason.
 */
export async function chooseBackend(
  choice: BackendChoice,
  drivers: readonly BackendDriver[],
  onLost: (reason: string) => void,
): Promise<ChosenBackend> {
  const candidates = choice === "auto" ? drivers : drivers.filter(({ name }) => name === choice);
  const rejected: Rejected[] = [];
  for (const driver of candidates) {
    try {
      const started = await start(driver, choice, onLost);
      return { started, report: describe(driver.name, choice, started, rejected) };
    } catch (error) {
      rejected.push({ name: driver.name, reason: error instanceof Error ? error.message : String(error) });
    }
  }
  throw new VisionError("backend-unavailable", explain(choice, drivers, rejected));
}

async function start(driver: BackendDriver, choice: BackendChoice, onLost: (reason: string) => void) {
  let chosen = true;
  const giveUp = (): void => {
    chosen = false;
    closeBackend(driver.name);
  };
  const starting = driver.start((reason) => {
    if (chosen) onLost(reason);
  });
  try {
    return await withTimeout(starting.then(check(choice)), START_TIMEOUT);
  } catch (error) {
    giveUp();
    starting.then(giveUp, () => undefined); // should it start after all
    throw error;
  }
}

const check =
  (choice: BackendChoice) =>
  async (started: StartedBackend): Promise<StartedBackend> => {
    if (choice === "auto" && started.software) {
      throw new Error(`${started.renderer} draws on the CPU, where WebAssembly is quicker.`);
    }
    await selfTest();
    return started;
  };

function describe(
  name: BackendName,
  choice: BackendChoice,
  { renderer, software, threads }: StartedBackend,
  rejected: readonly Rejected[],
): BackendReport {
  const asked = choice === "auto" ? "" : " It was asked for by name.";
  const passedOver = rejected.length > 0 ? ` Passed over: ${list(rejected)}` : "";
  const reason = (software ? SOFTWARE : REASONS[name]) + asked + passedOver;
  return { name, renderer, software, threads, precision: "float32", reason, rejected };
}

const list = (rejected: readonly Rejected[]): string =>
  rejected.map(({ name, reason }) => `${name} – ${reason}`).join(" ");

const explain = (choice: BackendChoice, drivers: readonly BackendDriver[], rejected: readonly Rejected[]): string =>
  rejected.length > 0
    ? `No backend works here: ${list(rejected)}`
    : `backend: expected auto or one of ${drivers.map(({ name }) => name).join(", ")}, got ${choice}`;

async function withTimeout<T>(work: Promise<T>, milliseconds: number): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`It did not start within ${milliseconds / 1000} s.`)), milliseconds);
  });
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}
