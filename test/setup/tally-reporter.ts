import type { Reporter, TestModule, TestRunEndReason } from "vitest/node";

/** Ends a run with one plain line: `N passed, N failed`, and `, N skipped` where there are any. */
export default class TallyReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], errors: readonly unknown[], reason: TestRunEndReason): void {
    const states = modules.flatMap((module) => Array.from(module.children.allTests(), (test) => test.result().state));
    const count = (wanted: string): number => states.filter((state) => state === wanted).length;
    const brokenModules = modules.filter((module) => !module.ok() && !hasFailedTest(module)).length;
    const failed = count("failed") + count("pending") + brokenModules + errors.length;
    const skipped = count("skipped");
    const tally = `${count("passed")} passed, ${reason === "passed" ? failed : Math.max(failed, 1)} failed`;
    process.on("exit", () => console.log(skipped > 0 ? `${tally}, ${skipped} skipped` : tally));
  }
}

function hasFailedTest(module: TestModule): boolean {
  return Array.from(module.children.allTests("failed")).length > 0;
}
