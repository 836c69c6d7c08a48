import type { InBoth } from "../state/language.ts";

const en = {
  title: "What a layer costs",
  text: "Three ways to process n tokens of width d. A recurrent layer takes n steps one after another, a convolution needs many layers to see far, self-attention sees everything at once and pays with n². The last column is measured here and now, for one layer without projections.",
  n: "Tokens n",
  d: "Width d",
  k: "Taps of the convolution k",
  r: "Neighbours of restricted attention r",
  layer: "Layer",
  operations: "Operations",
  sequential: "Steps in a row",
  path: "Longest path",
  measured: "Measured",
  milliseconds: "ms",
  selfAttention: "self-attention",
  recurrent: "recurrent",
  convolution: "convolution",
  restrictedAttention: "restricted attention",
};

const ko: typeof en = {
  title: "층의 비용",
  text: "차원이 d인 토큰 n개를 처리하는 세 가지 방법입니다. 순환층은 n단계를 차례로 밟고, 합성곱은 멀리 보려면 여러 층이 필요하며, 셀프 어텐션은 한 번에 모두 보는 대신 n²을 치릅니다. 마지막 열은 사영을 뺀 한 층을 지금 여기서 측정한 시간입니다.",
  n: "토큰 수 n",
  d: "차원 d",
  k: "합성곱의 폭 k",
  r: "제한된 어텐션의 이웃 r",
  layer: "층",
  operations: "연산 수",
  sequential: "차례로 밟는 단계",
  path: "가장 긴 경로",
  measured: "측정한 시간",
  milliseconds: "ms",
  selfAttention: "셀프 어텐션",
  recurrent: "순환",
  convolution: "합성곱",
  restrictedAttention: "제한된 어텐션",
};

export const costWords: InBoth<typeof en> = { en, ko };
