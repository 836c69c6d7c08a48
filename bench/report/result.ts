import type { Samples } from "../measure/take-turns.ts";

/** One way to do one thing. */
export type Row = {
  readonly subject: string; // rows of one subject are compared
  readonly way: string;
  readonly samples: Samples; // by figure, which names its unit: "wall ms"
  readonly facts: Readonly<Record<string, number>>; // told once
};

/** What could not be measured here, and why. */
export type Absent = { readonly subject: string; readonly way: string; readonly reason: string };

/** What a part found. */
export type Findings = {
  readonly rows: readonly Row[];
  readonly absent: readonly Absent[];
};

/** Where and when: figures of two machines are never compared. */
export type Conditions = {
  readonly date: string; // ISO, when the part began
  readonly processor: string;
  readonly cores: number;
  readonly system: string;
  readonly browser: string; // name and version
  readonly renderer: string | null; // that WebGL draws with; null without WebGL
  readonly load: number; // mean number of processes wanting a core in the minute before
  readonly versions: Readonly<Record<string, string>>; // of peers
};

const SOFTWARE = /swiftshader|llvmpipe|softpipe|software|basic render/i;

/** Whether WebGL has no GPU here, and runs on the processor. */
export const isSoftware = ({ renderer }: Pick<Conditions, "renderer">): boolean => SOFTWARE.test(renderer ?? "");

export type Result = Findings &
  Conditions & {
    readonly part: string;
    readonly title: string;
    readonly quick: boolean; // few rounds: a trial
    readonly minutes: number; // that it took
  };
