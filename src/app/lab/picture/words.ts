import type { InBoth } from "../state/language.ts";

const en = {
  title: "Picture",
  choose: "Choose a photo",
  hint: "Or drop or paste one anywhere. It stays in your browser.",
  drop: "Drop it to look into it",
  examples: ["Lemon", "School bus", "Ladybug"],
  own: "Your photo",
  loading: "Loading the model and computing…",
  place: (column: number, row: number) => `column ${column}, row ${row}`,
  patches: (columns: number, rows: number) => `Picture of ${columns} by ${rows} patches`,
  keys: "Arrow keys choose a patch.",
  chosen: "Chosen",
  classToken: "the class token",
  fromClass: "Ask from the class token",
  block: (of: number) => `Block, of ${of}`,
  head: (number: number) => `Head ${number}`,
  brightest: "brightest at",
  colours: "Colours: from 0, dark, to the map's largest weight, bright.",
};

const ko: typeof en = {
  title: "사진",
  choose: "사진 고르기",
  hint: "아무 데나 끌어다 놓거나 붙여 넣어도 됩니다. 사진은 브라우저를 떠나지 않습니다.",
  drop: "놓으면 들여다봅니다",
  examples: ["레몬", "스쿨버스", "무당벌레"],
  own: "내 사진",
  loading: "모델을 불러와 계산하는 중…",
  place: (column, row) => `${column}열 ${row}행`,
  patches: (columns, rows) => `가로 ${columns}개, 세로 ${rows}개의 패치로 나눈 사진`,
  keys: "화살표 키로 패치를 고릅니다.",
  chosen: "고른 것",
  classToken: "클래스 토큰",
  fromClass: "클래스 토큰에서 보기",
  block: (of) => `블록 (모두 ${of}개)`,
  head: (number) => `헤드 ${number}`,
  brightest: "가장 밝은 곳",
  colours: "색: 어두운 0에서 그 지도의 가장 큰 가중치까지 점점 밝아집니다.",
};

/** What the exhibits with pictures share. */
export const pictureWords: InBoth<typeof en> = { en, ko };
