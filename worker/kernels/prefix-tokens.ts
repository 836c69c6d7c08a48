/** Tokens that a sequence begins with, before its patches. */
export type Prefix = {
  readonly classToken: boolean;
  readonly distillationToken: boolean;
  readonly registers: number;
};

/** The parameters that hold them, in order; each one or, of registers, several rows of the model's width. */
export const prefixNames = ({ classToken, distillationToken, registers }: Prefix): string[] => [
  ...(classToken ? ["embeddings.cls_token"] : []),
  ...(distillationToken ? ["embeddings.distillation_token"] : []),
  ...(registers > 0 ? ["embeddings.register_tokens"] : []),
];

export const countPrefix = ({ classToken, distillationToken, registers }: Prefix): number =>
  Number(classToken) + Number(distillationToken) + registers;
