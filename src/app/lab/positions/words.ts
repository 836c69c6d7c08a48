import type { InBoth } from "../state/language.ts";

const en = {
  title: "Positions",
  text: "Self-attention has no order of its own: permute the tokens, and its answers are permuted with them. Waves of many lengths, added to the tokens, give every place a mark of its own; products of these marks depend on the distance alone and fall as it grows.",
  count: "Places",
  width: "Width d",
  picture: "The waves: a row for each place, a column for each number, blue −1 to red 1",
  products: "Product of place 1 with the place so far away",
  distance: "Distance",
  product: "Product",
  add: "Add positions to the tokens",
  shuffle: "Another order",
  order: "Order of the tokens",
  permuted: "Answers for tokens in this order",
  reordered: "Answers for the first order, put in this one",
  difference: "Largest difference",
  follows: "Self-attention is permuted along.",
  differs: "With positions, the order counts.",
};

const ko: typeof en = {
  title: "위치",
  text: "셀프 어텐션 자체에는 순서가 없습니다. 토큰의 순서를 바꾸면 답도 똑같이 자리만 바뀝니다. 여러 길이의 파동을 토큰에 더하면 자리마다 고유한 표시가 생깁니다. 이 표시들의 내적은 거리에만 달려 있고, 거리가 멀어질수록 작아집니다.",
  count: "자리의 수",
  width: "차원 d",
  picture: "파동: 행은 자리, 열은 숫자, 파랑 −1에서 빨강 1까지",
  products: "첫 자리와 그만큼 떨어진 자리의 내적",
  distance: "거리",
  product: "내적",
  add: "토큰에 위치 더하기",
  shuffle: "다른 순서로",
  order: "토큰의 순서",
  permuted: "이 순서의 토큰에 대한 답",
  reordered: "처음 순서의 답을 이 순서로 옮긴 것",
  difference: "가장 큰 차이",
  follows: "셀프 어텐션은 순서를 따라 자리만 바뀝니다.",
  differs: "위치를 더하면 순서가 의미를 가집니다.",
};

export const positionWords: InBoth<typeof en> = { en, ko };
