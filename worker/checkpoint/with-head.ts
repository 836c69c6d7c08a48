import { VisionError } from "../contract/errors.ts";
import type { Head } from "../contract/head.ts";
import { floatTensor } from "../contract/host-tensor.ts";
import { featureSize, withClasses } from "../models/encoder/config.ts";
import { sumUp } from "./sum-up-tensors.ts";
import type { OpenedCaptioner, OpenedModel, OpenFiles } from "./open-model.ts";

/** Of each family, what makes logits of features. */
const HEADS = /^(?:(?:distillation_|patch_)?classifier|head|pooler\.dense)\./;

/**
 * A model with another head, on what `pooled` tells of a picture. Throws `model-has-no-head` for a captioner,
 * `invalid-argument` for a head that does not fit.
 */
export function withHead(opened: OpenedModel | OpenedCaptioner, head: Head): OpenedModel {
  if (opened.type === "captioner")
    throw new VisionError(
      "model-has-no-head",
      "A captioner takes no head; give it to the model that reads its pictures.",
    );
  const classes = head.labels.length;
  const width = featureSize(opened);
  const name = opened.type === "vit" ? "classifier" : "head";
  const layer = new Map([
    [`${name}.weight`, tensorOf("weight", head.weight.flat(), [classes, width])],
    [`${name}.bias`, tensorOf("bias", head.bias, [classes])],
  ]);
  const parameters = new Map([...opened.parameters].filter(([other]) => !HEADS.test(other)));
  for (const [key, { tensor }] of layer) parameters.set(key, tensor);
  const about = {
    labels: [...head.labels],
    labelsAssumed: false,
    labelGroups: [],
    scoring: "softmax" as const,
    parameters,
    read: (key: string) => layer.get(key)?.values ?? opened.read(key),
    ...sumUp(parameters),
  };
  return { ...opened, ...about, ...withClasses(opened, classes) };
}

/** The same of files that are still to be read: a head is put on once they are whole. */
export const openWithHead =
  (open: OpenFiles, head: Head): OpenFiles =>
  async ({ signal, onProgress }) =>
    withHead(await open({ signal, onProgress }), head);

function tensorOf(what: string, numbers: readonly number[], shape: readonly number[]) {
  const values = Float32Array.from(numbers);
  const wanted = shape.reduce((all, size) => all * size, 1);
  if (values.length === wanted && wanted > 0 && values.every(Number.isFinite)) {
    return { values, tensor: floatTensor(shape, values) };
  }
  const got = values.length === wanted ? "some that are none" : values.length;
  throw new VisionError("invalid-argument", `head: ${what}: wanted [${shape.join(", ")}] finite numbers, got ${got}`);
}
