import type { InBoth } from "../state/language.ts";

const en = {
  title: "Masks",
  text: "What a token must not see gets a score of −∞ before softmax, so that its weight is exactly 0 and each row still sums to 1. A causal mask hides what comes later; a padding mask hides what only fills up a batch.",
  causal: "Causal: hide what comes later",
  real: "Real tokens; the rest is padding",
  before: "Scores before the mask",
  masked: "Scores after it",
  weights: "Weights, after softmax",
};

const ko: typeof en = {
  title: "마스크",
  text: "토큰이 보아서는 안 되는 것은 소프트맥스 전에 점수를 −∞로 만듭니다. 그러면 가중치는 정확히 0이 되고, 각 행의 합은 여전히 1입니다. 인과 마스크는 뒤에 오는 것을, 패딩 마스크는 배치를 채우기만 하는 것을 가립니다.",
  causal: "인과 마스크: 뒤에 오는 것 가리기",
  real: "진짜 토큰의 수 (나머지는 패딩)",
  before: "마스크 전의 점수",
  masked: "마스크 뒤의 점수",
  weights: "소프트맥스 뒤의 가중치",
};

export const maskWords: InBoth<typeof en> = { en, ko };
