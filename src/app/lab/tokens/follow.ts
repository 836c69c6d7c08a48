import type { TokenSteps } from "../../../../worker/contract/lab.ts";
import type { AskPicture } from "../picture/picture-answered.tsx";

export type TokenQuestion = { readonly layer: number; readonly token: number };

/** What the worker found, and of which block and token. */
export type Followed = TokenSteps & TokenQuestion;

export const follow: AskPicture<TokenQuestion, Followed> = async (lab, job, picture, { layer, token }) => ({
  ...(await lab.followToken(job, picture, layer, token)),
  layer,
  token,
});
