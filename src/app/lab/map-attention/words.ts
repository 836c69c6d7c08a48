import type { InBoth } from "../state/language.ts";

const en = {
  title: "Attention over a CNN's map",
  text: "A convolution sees its neighbourhood alone. With this module every place of the map looks at every other: 1×1 convolutions give queries, keys and values, and what was mixed is added, times γ. γ begins at 0, so that the untrained module changes nothing, and is learned. Choose a place of your photo to see where it looks, and turn γ down to see the CNN without the module.",
  gate: "γ, times what was learned",
  gamma: "γ",
  added: "What is added here, over what was there",
  largest: "Largest weight",
  even: "An even share would be",
  answer: "Answer",
  first: "Probability of its answer with γ as learned",
  shapes: "Positions × channels of query, key and value",
};

const ko: typeof en = {
  title: "CNN 특징 지도 위의 어텐션",
  text: "합성곱은 가까운 곳만 봅니다. 이 모듈이 있으면 지도의 모든 자리가 다른 모든 자리를 볼 수 있습니다. 1×1 합성곱이 쿼리, 키, 값을 만들고, 섞은 것에 γ를 곱해 더합니다. γ는 0에서 시작하므로 학습하지 않은 모듈은 아무것도 바꾸지 않으며, γ도 학습됩니다. 사진의 한 자리를 골라 어디를 보는지 확인하고, γ를 줄여 모듈이 없는 CNN을 살펴보세요.",
  gate: "학습된 γ의 몇 배",
  gamma: "γ",
  added: "원래 있던 것에 비해 여기에 더해지는 것",
  largest: "가장 큰 가중치",
  even: "고르게 나눈다면",
  answer: "답",
  first: "학습된 γ로 낸 답의 확률",
  shapes: "쿼리, 키, 값의 자리 수 × 채널 수",
};

export const mapAttentionWords: InBoth<typeof en> = { en, ko };
