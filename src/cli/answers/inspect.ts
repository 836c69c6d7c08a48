import { nameGroup } from "../../../worker/contract/group-predictions.ts";
import { inspectModel, type Inspection } from "../../../worker/checkpoint/inspect-model.ts";
import { openModelFolder } from "../../node/model-folder.ts";
import type { Output } from "../output/output.ts";

/** `patchlight inspect`: what a checkpoint holds, and all that is wrong with it; a faulty one is a failed input. */
export async function inspectCommand(model: string, output: Output): Promise<void> {
  const inspection = await inspectModel(await openModelFolder(model));
  const [error] = inspection.problems;
  output.result(error ? { file: model, ...inspection, error } : inspection, describe(inspection));
  if (error) output.fail();
}

function describe({ problems, notes, ...inspection }: Inspection): string {
  const { type, source, scheme, parameters, tensors, dtype, labels, labelGroups } = inspection;
  const count = (value: number | null): string => value?.toLocaleString("en") ?? "?";
  return [
    `${source}: ${type ?? "not a model patchlight knows"}`,
    `  names        ${scheme ?? "?"}`,
    `  parameters   ${count(parameters)} in ${count(tensors)} tensors, ${dtype ?? "?"}`,
    `  labels       ${labels.length}${labels.length > 0 ? `: ${labels.slice(0, 3).join(", ")} …` : ""}`,
    ...labelGroups.map((group) => `  as one       ${nameGroup(group.map((index) => labels[index]!))}`),
    `  config       ${JSON.stringify(inspection.config)}`,
    ...notes.map((note) => `  note         ${note}`),
    ...problems.map(({ code, message }) => `  problem      ${message} [${code}]`),
  ].join("\n");
}
