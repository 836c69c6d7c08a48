import type { InBoth } from "../state/language.ts";

const en = {
  title: "Many heads, or one",
  text: "Each head of a layer looks with its own queries and keys, and so has a map of its own. A single head of the same width would have one map for everything. Here are the heads of a trained Vision Transformer on your photo, their mean, and what becomes of its answer where all of them must look with that mean. It was never trained for that: a model with one head would have learned another map.",
  mean: "Mean of all",
  seenFrom: (where: string) => `Seen from ${where}`,
  map: "Map",
  largest: "Largest weight",
  breadth: (tokens: number) => `Spread over, of ${tokens} tokens`,
  apart: "With the mean for every head, what attention gives this token changes by",
  ofLength: " of its length.",
  answers: "What the model then says",
  run: "Heads",
  answer: "Answer",
  score: "Probability",
  first: (label: string) => `of “${label}”`,
  trained: "as trained",
  oneMapHere: "one map in this block",
  oneMapEverywhere: "one map in every block",
};

const ko: typeof en = {
  title: "여러 헤드와 하나의 헤드",
  text: "한 층의 헤드들은 저마다 자기 쿼리와 키로 보기 때문에 지도도 저마다 다릅니다. 차원이 같은 헤드가 하나뿐이라면 모든 것을 지도 하나로 보아야 합니다. 학습된 비전 트랜스포머의 헤드들이 사진의 어디를 보는지, 그 평균은 어떤지, 그리고 모든 헤드가 평균으로만 보아야 할 때 답이 어떻게 달라지는지 보여 줍니다. 모델이 그렇게 학습된 것은 아닙니다. 헤드가 하나인 모델이라면 다른 지도를 배웠을 것입니다.",
  mean: "전체 평균",
  seenFrom: (where) => `${where}에서 볼 때`,
  map: "지도",
  largest: "가장 큰 가중치",
  breadth: (tokens) => `토큰 ${tokens}개 중 퍼진 범위`,
  apart: "모든 헤드가 평균으로 보면, 어텐션이 이 토큰에 주는 것이 그 크기의",
  ofLength: "만큼 달라집니다.",
  answers: "그때 모델의 답",
  run: "헤드",
  answer: "답",
  score: "확률",
  first: (label) => `“${label}”의 확률`,
  trained: "학습된 그대로",
  oneMapHere: "이 블록만 지도 하나로",
  oneMapEverywhere: "모든 블록을 지도 하나로",
};

export const headWords: InBoth<typeof en> = { en, ko };
