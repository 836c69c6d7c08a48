import {
  reshape,
  slice,
  tidy,
  type Tensor1D,
  type Tensor2D,
  type Tensor3D,
  type Tensor4D,
} from "@tensorflow/tfjs-core";
import { prefixTokens } from "../../models/vit/config.ts";
import type { Vit } from "../../models/vit/vit.ts";
import type { ExplainRun } from "../explain-run.ts";
import { inScope } from "../tensor-scope.ts";
import { walkBack } from "./walk-back.ts";
import { weighChannels, type ClassMap, type GradCam } from "./weigh-channels.ts";

/**
 * Grad-CAM over the patch tokens that a block's first norm gives, the place pytorch-grad-cam takes for ViTs: what comes
 * out of the last block reaches a class token no more. image `[1, height, width, C]`
 */
export function gradCamOfVit(
  vit: Vit,
  image: Tensor4D,
  { target, layer }: GradCam,
  run: ExplainRun,
): Promise<ClassMap> {
  return inScope(async (scope) => {
    let map = null as Tensor1D | null;
    const explained = await walkBack(vit, image, { target, downTo: layer }, run, ({ normed, byNormed }, at) => {
      if (at !== layer) return;
      map = scope.hold(tidy(() => weighChannels(patchRows(vit, normed), patchRows(vit, byNormed))));
    });
    return { map: scope.give(map!), target: explained };
  });
}

/** tokens `[1, P + N, D]` → `[N, D]` */
function patchRows({ config }: Vit, tokens: Tensor3D): Tensor2D {
  const prefix = prefixTokens(config);
  const [, count, width] = tokens.shape;
  return reshape(slice(tokens, [0, prefix, 0]), [count - prefix, width]);
}
