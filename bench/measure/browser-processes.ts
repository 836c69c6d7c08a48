import { readdirSync, readFileSync } from "node:fs";

const MEGABYTE = 1e6;

/** A file of /proc; null where there is none, or its process has just ended. */
function readProc(path: string): string | null {
  try {
    return readFileSync(`/proc/${path}`, "utf8");
  } catch {
    return null;
  }
}

function isOurs(pid: number): boolean {
  for (let each = pid; each > 1; each = parentOf(each)) if (each === process.pid) return true;
  return false;
}

const parentOf = (pid: number): number =>
  Number(
    readProc(`${pid}/stat`)
      ?.replace(/^.*\) /s, "") // the name, which may hold anything
      .split(" ")[1] ?? 0,
  );

type Kind = "renderer" | "gpu-process" | ""; // any

/** Processes of the browsers that this process started; none where there is no /proc. */
function browserProcesses(kind: Kind): number[] {
  let names: string[];
  try {
    names = readdirSync("/proc");
  } catch {
    return [];
  }
  return names
    .map(Number)
    .filter((pid) => pid > 0 && readProc(`${pid}/cmdline`)?.includes(`--type=${kind}`) && isOurs(pid));
}

/**
 * Milliseconds that our browsers' processes of a kind, all by default, have computed so far on all cores together: what
 * work costs, whatever else the machine does. 0 where the system does not tell.
 */
export function processorTime(kind: Kind = ""): number {
  let nanoseconds = 0;
  for (const pid of browserProcesses(kind)) {
    let threads: string[];
    try {
      threads = readdirSync(`/proc/${pid}/task`);
    } catch {
      continue;
    }
    for (const thread of threads)
      nanoseconds += Number(readProc(`${pid}/task/${thread}/schedstat`)?.split(" ")[0] ?? 0);
  }
  return nanoseconds / 1e6;
}

/** The largest that a process of this kind has ever been, resident, MB; the kernel keeps it. `null` where nobody tells. */
export function peakMemory(kind: "renderer" | "gpu-process"): number | null {
  const peaks = browserProcesses(kind).flatMap((pid) => {
    const kibibytes = /^VmHWM:\s*(\d+)/m.exec(readProc(`${pid}/status`) ?? "")?.[1];
    return kibibytes === undefined ? [] : [(Number(kibibytes) * 1024) / MEGABYTE];
  });
  return peaks.length === 0 ? null : Math.max(...peaks);
}
