import type { HostTensors } from "../../contract/host-tensor.ts";
import type { FileNames } from "./file-names.ts";

/** In front of every name of an encoder's, in a captioner's file as in its table. */
export const ENCODER = "encoder.";

/** What else a classifier or a bare backbone has. */
const ANSWERS = /^(?:pooler|heads?|(?:cls_|distillation_)?classifier|distillation_head)\./;

/** GPT-2's masks, and the output of a decoder that has none of its own. */
const BUFFERS = /\.(?:attn|crossattention)\.(?:bias|masked_bias)$/;
const OUTPUT = "decoder.lm_head.weight";

/** The tensors of a captioner's encoder, under the names they would have alone. */
export const encoderTensors = (tensors: HostTensors): HostTensors =>
  new Map(
    [...tensors].flatMap(([name, tensor]) => (name.startsWith(ENCODER) ? [[name.slice(ENCODER.length), tensor]] : [])),
  );

/** `encoder`: how the encoder's names would stand alone, and its tensors so named. */
export const captionerNames = (encoder: FileNames, alone: HostTensors): FileNames => {
  const own = (name: string): string | null => (name.startsWith(ENCODER) ? name.slice(ENCODER.length) : null);
  return {
    title: `captioner, its encoder ${encoder.title}`,
    locate(canonical, tensors) {
      const bare = own(canonical);
      if (bare === null) return { name: canonical, part: undefined, tensor: tensors.get(canonical) };
      const located = encoder.locate(bare, alone);
      return { ...located, name: ENCODER + located.name };
    },
    whyIgnored(name) {
      const bare = own(name);
      if (bare === null) {
        if (BUFFERS.test(name)) return "a mask, which is computed";
        return name === OUTPUT ? "the token embedding is the output" : undefined;
      }
      return ANSWERS.test(bare) ? "a captioner reads its encoder's features alone" : encoder.whyIgnored(bare);
    },
    whyUnsupported: (name) => encoder.whyUnsupported(own(name) ?? name),
  };
};
