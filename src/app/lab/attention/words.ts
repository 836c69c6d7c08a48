import type { InBoth } from "../state/language.ts";

const en = {
  title: "Attention, one step at a time",
  text: "A query is compared with every key; softmax turns the scores into weights; the weights mix the values. Change any number. Products of longer vectors spread wider: without 1/√d softmax puts everything on one key, and hardly any gradient comes back. The curves measure that.",
  scaled: "Divide by √d",
  products: "Products, q · k",
  scores: "Scores",
  weights: "Weights, after softmax",
  mixed: "What each query gets",
  keys: "Number of keys",
  size: "d of queries and keys",
  largest: "Largest weight",
  gradient: "Gradient through softmax",
  withScale: "divided by √d",
  withoutScale: "not divided",
  number: "number",
};

const ko: typeof en = {
  title: "어텐션, 한 단계씩",
  text: "쿼리를 모든 키와 비교하고, 소프트맥스가 점수를 가중치로 바꾸며, 그 가중치로 값을 섞습니다. 아무 숫자나 바꾸어 보세요. 벡터가 길어질수록 내적은 더 넓게 퍼집니다. 1/√d로 나누지 않으면 소프트맥스가 키 하나에 몰리고 기울기가 거의 돌아오지 않습니다. 아래 곡선이 그것을 측정합니다.",
  scaled: "√d로 나누기",
  products: "내적, q · k",
  scores: "점수",
  weights: "소프트맥스 뒤의 가중치",
  mixed: "각 쿼리가 얻는 것",
  keys: "키의 수",
  size: "쿼리와 키의 차원 d",
  largest: "가장 큰 가중치",
  gradient: "소프트맥스를 지나온 기울기",
  withScale: "√d로 나눔",
  withoutScale: "나누지 않음",
  number: "숫자",
};

export const attentionWords: InBoth<typeof en> = { en, ko };
