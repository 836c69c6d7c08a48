import { describe, expect, test } from "vitest";
import { assemble } from "../../../../worker/checkpoint/assemble.ts";
import { readVitConfig } from "../../../../worker/checkpoint/config/vit-config.ts";
import { settleVit, withHeads } from "../../../../worker/checkpoint/config/settle-vit.ts";
import { detectScheme, headPrefixes } from "../../../../worker/checkpoint/names/detect-scheme.ts";
import { HUGGING_FACE_4 } from "../../../../worker/checkpoint/names/hugging-face.ts";
import { NAMING_SCHEMES } from "../../../../worker/checkpoint/names/schemes.ts";
import { placeOf } from "../../../../worker/checkpoint/names/translate.ts";
import { vitNames } from "../../../../worker/checkpoint/names/vit-names.ts";
import { vitShapesInFile } from "../../../../worker/checkpoint/vit-layout.ts";
import { vitParameterShapes } from "../../../../worker/models/vit/parameters.ts";
import { readBaseWeights, readSchemes, schemeTensors } from "../scheme-folder.ts";

const schemes = Object.entries(await readSchemes());
const base = await readBaseWeights();

/** Which base tensors must arrive under a canonical name: the plain one, or a variant's. */
const candidates = (canonical: string) => [base.get(canonical), base.get(`variants/${canonical}`)];

describe.each(schemes)("%s", (name, scheme) => {
  test("gives every parameter the reference script's tensor, and leaves none over", async () => {
    const tensors = await schemeTensors(scheme);
    const naming = detectScheme([...tensors.keys()])!;
    const config = withHeads(settleVit(readVitConfig(scheme.config), naming, tensors).config);
    const expected = vitParameterShapes(config);
    const { parameters, ...faults } = assemble(expected, vitNames(naming, config), tensors);
    expect(faults).toMatchObject({ missing: [], unexpected: [], misshapen: [], notFloat: [] });
    expect([...parameters.keys()]).toEqual([...expected.keys()]);
    for (const [canonical, { shape, bytes }] of parameters) {
      expect(shape, canonical).toEqual(expected.get(canonical));
      const match = candidates(canonical).find((tensor) => tensor && Buffer.compare(tensor.bytes, bytes) === 0);
      expect(match, canonical).toBeDefined();
    }
    expect(config.distillationToken).toBe(scheme.case.startsWith("distilled"));
    expect(config.pooler).toBe(name.endsWith("-bare"));
  });

  test("is still recognised when any one tensor is missing", async () => {
    const names = scheme.tensors.map(({ file }) => file);
    const whole = detectScheme(names)!;
    for (const gone of names.filter((file) => !file.startsWith("cls_classifier") && !file.includes("fc_norm"))) {
      const naming = detectScheme(names.filter((file) => file !== gone))!;
      expect([gone, naming.scheme.title, naming.prefix]).toEqual([gone, whole.scheme.title, whole.prefix]);
    }
  });
});

test("a fused tensor is sliced, not copied", async () => {
  const scheme = (await readSchemes()).timm;
  const tensors = await schemeTensors(scheme);
  const naming = detectScheme([...tensors.keys()])!;
  const config = withHeads(settleVit(readVitConfig(scheme.config), naming, tensors).config);
  const { parameters } = assemble(vitParameterShapes(config), vitNames(naming, config), tensors);
  const fused = tensors.get("blocks.1.attn.qkv.weight")!;
  const key = parameters.get("encoder.layer.1.attention.attention.key.weight")!;
  expect(key.bytes.buffer).toBe(fused.bytes.buffer);
  expect(key.shape).toEqual([32, 32]);
});

test("every scheme names every parameter, and no two alike outside fused tensors", () => {
  const config = {
    imageSize: { width: 32, height: 32 },
    patchSize: { width: 8, height: 8 },
    channels: 3,
    hiddenSize: 32,
    layers: 2,
    heads: 4,
    intermediateSize: 64,
    activation: "gelu",
    layerNormEpsilon: 1e-6,
    queryKeyValueBias: true,
    classToken: true,
    distillationToken: true,
    registers: 4,
    positionSize: null,
    positionFilter: "bicubic",
    pooling: "class",
    finalNorm: "tokens",
    pooler: true,
    classes: 5,
    distillationHead: true,
    patchHead: false,
  } as const;
  for (const scheme of NAMING_SCHEMES) {
    const names = vitShapesInFile(config, { layerScale: true, positioned: 2 }).keys();
    const places = [...names].map((name) => placeOf(name, scheme)!);
    const keys = places.map(({ name, part }) => `${name} ${part?.index ?? ""}`);
    expect(new Set(keys).size).toBe(keys.length);
    expect(keys.join(" ")).not.toMatch(/[{}]/);
  }
  expect(placeOf("encoder.layer.1.attention.attention.key.bias", HUGGING_FACE_4)?.name).toBe(
    "encoder.layer.1.attention.attention.key.bias",
  );
  expect(placeOf("decoder.layer.0.bias", HUGGING_FACE_4)).toBeNull();
});

test("heads are looked for behind ever less of the prefix", () => {
  expect(headPrefixes("model.vit.")).toEqual(["model.vit.", "model.", ""]);
  expect(headPrefixes("")).toEqual([""]);
});

test("names of no Vision Transformer are not recognised", () => {
  expect(detectScheme(["conv1.weight", "layer1.0.bn1.running_mean", "fc.bias"])).toBeNull();
  expect(detectScheme([])).toBeNull();
});
