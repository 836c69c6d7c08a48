import { VisionError } from "../../contract/errors.ts";
import type { HeadMaps, LabAnswer, LabPicture, MapAttentionShown, TokenSteps } from "../../contract/lab.ts";
import type { Pause } from "../../contract/turns.ts";
import type { OpenedModel } from "../../checkpoint/open-model.ts";
import type { ResolveOptions } from "../../checkpoint/sources/resolve-source.ts";
import { followToken } from "../../lab/follow-token.ts";
import { showHeads } from "../../lab/show-heads.ts";
import { showMapAttention } from "../../lab/show-map-attention.ts";
import type { AttentionCnn } from "../../models/attention-cnn/attention-cnn.ts";
import { buildAttentionCnn } from "../../models/attention-cnn/build-attention-cnn.ts";
import { buildVit } from "../../models/vit/build-vit.ts";
import type { Vit } from "../../models/vit/vit.ts";
import { LabModel, type Build } from "./lab-model.ts";
import { ImageReader, type Decode } from "../read-images.ts";
import { probabilities, topPredictions } from "../answers/top-predictions.ts";

/** The exhibits that look into an embedded model with a picture of the visitor's. */
export class PictureLab {
  readonly #vit: LabModel<Vit>;
  readonly #cnn: LabModel<AttentionCnn>;

  constructor(sources: ResolveOptions, decode: Decode) {
    const reader = new ImageReader(decode);
    this.#vit = new LabModel("everyday-vit", asVit, sources, reader);
    this.#cnn = new LabModel("everyday-cnn", asAttentionCnn, sources, reader);
  }

  async showHeads(picture: LabPicture, layer: number, pause: Pause): Promise<HeadMaps> {
    const { found, seen, labels } = await this.#vit.look(picture, (vit, image) => showHeads(vit, image, layer, pause));
    const { logits, ...maps } = found;
    const tell = (values: Float32Array): LabAnswer => answerOf(values, logits.trained, labels);
    const answers = {
      trained: tell(logits.trained),
      oneMapHere: tell(logits.oneMapHere),
      oneMapEverywhere: tell(logits.oneMapEverywhere),
    };
    return { ...maps, seen, answers };
  }

  async followToken(picture: LabPicture, layer: number, token: number, pause: Pause): Promise<TokenSteps> {
    const { found, seen } = await this.#vit.look(picture, (vit, image) => followToken(vit, image, layer, token, pause));
    return { ...found, seen };
  }

  async showMapAttention(picture: LabPicture, gate: number, pause: Pause): Promise<MapAttentionShown> {
    const { found, seen, labels } = await this.#cnn.look(picture, (cnn, image) =>
      showMapAttention(cnn, image, gate, pause),
    );
    const { logits, ...shown } = found;
    return { ...shown, seen, answer: answerOf(logits.gated, logits.trained, labels) };
  }
}

/** logits `[classes]` → the best label, and what has become of the one that the model as trained puts first. */
function answerOf(logits: Float32Array, trained: Float32Array, labels: readonly string[]): LabAnswer {
  const [best] = topPredictions(logits, labels, 1);
  const [usual] = topPredictions(trained, labels, 1);
  return { label: best!.label, score: best!.score, first: probabilities(logits)[usual!.index]! };
}

const asVit: Build<Vit> = (opened, read) => {
  if (opened.type === "vit") return buildVit(opened.config, read);
  throw wrongKind("vit", opened);
};

const asAttentionCnn: Build<AttentionCnn> = (opened, read) => {
  if (opened.type === "attention-cnn") return buildAttentionCnn(opened.config, read);
  throw wrongKind("attention-cnn", opened);
};

const wrongKind = (wanted: string, { type }: OpenedModel): VisionError =>
  new VisionError("config-unsupported", `embedded model: wanted a ${wanted}, got a ${type}`);
