import type { InBoth } from "../state/language.ts";

const en = {
  title: "How far a gradient reaches",
  text: "To learn that a far word matters, the gradient must travel back to it. In a plain recurrent network it passes one product for every step and fades; gates let an LSTM or GRU keep more of it; attention has one step to every token. Measured here by backward passes through untrained layers.",
  length: "Tokens",
  width: "Width of the state",
  keep: "Bias of the gate that keeps the state (LSTM, GRU)",
  chart: "Norm of the gradient at the token so far back",
  distance: "Distance from the last token",
  norm: "Gradient norm",
  rnn: "RNN",
  gru: "GRU",
  lstm: "LSTM",
  attention: "attention",
};

const ko: typeof en = {
  title: "기울기는 얼마나 멀리 가는가",
  text: "멀리 있는 단어가 중요하다는 것을 배우려면 기울기가 거기까지 되돌아가야 합니다. 단순한 순환 신경망에서는 한 단계마다 곱을 거치며 기울기가 사라집니다. LSTM과 GRU는 게이트 덕분에 더 많이 지켜 내고, 어텐션은 모든 토큰까지 한 걸음입니다. 학습하지 않은 층을 역전파하여 여기서 직접 측정합니다.",
  length: "토큰 수",
  width: "상태의 차원",
  keep: "상태를 지키는 게이트의 편향 (LSTM, GRU)",
  chart: "그만큼 앞선 토큰에 닿는 기울기의 크기",
  distance: "마지막 토큰부터의 거리",
  norm: "기울기의 노름",
  rnn: "RNN",
  gru: "GRU",
  lstm: "LSTM",
  attention: "어텐션",
};

export const reachWords: InBoth<typeof en> = { en, ko };
