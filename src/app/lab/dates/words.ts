import type { InBoth } from "../state/language.ts";

const en = {
  title: "Translate, with attention and without",
  text: "An LSTM reads characters, another writes the answer. Without attention, everything it has read must fit into one vector; with it, the writer looks back at every character it needs. Both learn here, from nothing, on the same examples. Stop when you like, then try a text of your own.",
  task: "Task",
  dates: "Write a date as year-month-day",
  words: "Write a word backwards",
  updates: "Updates",
  with: "with attention",
  without: "without attention",
  byLength: "Share exactly right, by length",
  length: "Characters to read",
  share: "Share",
  own: "Your own text",
  ownDate: "A date, such as: march 5, 2019 · 05.03.2019 · 2019년 3월 5일",
  ownWord: "Three to ten letters",
  written: "What they write",
  alignment: "Where it looked for each character it wrote",
  end: "end",
  empty: (longest: string) => `Type some text, up to ${longest} characters.`,
  unread: "It knows no such characters, or not so many.",
  trainFirst: "Train both first.",
};

const ko: typeof en = {
  title: "어텐션이 있을 때와 없을 때의 번역",
  text: "하나의 LSTM이 글자를 읽고, 다른 LSTM이 답을 씁니다. 어텐션이 없으면 읽은 모든 것이 벡터 하나에 담겨야 하고, 어텐션이 있으면 쓸 때마다 필요한 글자를 돌아봅니다. 두 모델이 같은 예시로 여기서 처음부터 배웁니다. 원할 때 멈추고, 직접 쓴 글로 시험해 보세요.",
  task: "과제",
  dates: "날짜를 연-월-일로 쓰기",
  words: "단어를 거꾸로 쓰기",
  updates: "갱신 횟수",
  with: "어텐션 있음",
  without: "어텐션 없음",
  byLength: "길이별로 완전히 맞은 비율",
  length: "읽는 글자 수",
  share: "비율",
  own: "직접 써 보기",
  ownDate: "날짜, 예: march 5, 2019 · 05.03.2019 · 2019년 3월 5일",
  ownWord: "로마자 세 글자에서 열 글자",
  written: "모델이 쓴 것",
  alignment: "글자를 쓸 때마다 어디를 보았는가",
  end: "끝",
  empty: (longest) => `글을 입력하세요. ${longest}자까지 됩니다.`,
  unread: "모르는 글자가 있거나 너무 깁니다.",
  trainFirst: "먼저 둘 다 학습하세요.",
};

export const dateWords: InBoth<typeof en> = { en, ko };
