import { readdirSync, readFileSync } from "node:fs";

const parentOf = (pid: number): number =>
  Number(
    readFileSync(`/proc/${pid}/stat`, "utf8")
      .replace(/^.*\) /s, "")
      .split(" ")[1],
  );

/** The GPU process of the browser that this process started; `null` where there is no /proc. */
function findGpuProcess(): number | null {
  const descends = (pid: number): boolean => pid === process.pid || (pid > 1 && descends(parentOf(pid)));
  const isOurs = (pid: number): boolean => {
    try {
      return readFileSync(`/proc/${pid}/cmdline`, "utf8").includes("--type=gpu-process") && descends(pid);
    } catch {
      return false; // it has ended
    }
  };
  try {
    return readdirSync("/proc").map(Number).filter(Boolean).find(isOurs) ?? null;
  } catch {
    return null;
  }
}

/**
 * Milliseconds that the browser's GPU process has computed so far, all its threads together: what a software GPU costs
 * whatever else runs on the machine. 0 where the system does not tell.
 */
export function gpuProcessTime(): number {
  const pid = findGpuProcess();
  if (pid === null) return 0;
  const threads = readdirSync(`/proc/${pid}/task`);
  const nanoseconds = threads.map((thread) => {
    try {
      return Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, "utf8").split(" ")[0]);
    } catch {
      return 0;
    }
  });
  return nanoseconds.reduce((sum, each) => sum + each, 0) / 1e6;
}
