import type { InBoth } from "../state/language.ts";

const en = {
  title: "The attention lab",
  lead: "How sequence models came to attention, step by step. Every number here is computed by this page while you watch.",
  documentTitle: "patchlight lab - attention you can touch",
  exhibits: "Exhibits",
  backToPhotos: "Photos",
  language: "Language",
  numbers: "Numbers",
  formula: "Formula",
  query: "query",
  key: "key",
  value: "value",
  computing: "Computing…",
  failures: {
    picture: { title: "This picture could not be read.", advice: "Choose another: a JPEG, PNG or WebP file." },
    model: { title: "The model could not be loaded.", advice: "Check the connection, then try again." },
    other: { title: "This could not be computed.", advice: "Try again; if it stays, reload the page." },
  },
  again: "Try again",
  train: "Train both",
  stop: "Stop",
  update: "Update",
  left: {
    minutes: (count: string) => `about ${count} min left`,
    seconds: (count: string) => `about ${count} s left`,
  },
  loss: "Loss (nats a character)",
  heldOffScreen: "Waits while it is off screen.",
  examined: "On 1,000 examples that neither has seen",
  model: "Model",
  exactMatch: "Exactly right",
};

const ko: typeof en = {
  title: "어텐션 실험실",
  lead: "순차 모델이 어텐션에 이르기까지의 과정을 하나씩 따라갑니다. 여기 보이는 모든 숫자는 지금 이 페이지가 직접 계산합니다.",
  documentTitle: "patchlight 실험실 - 만져 보는 어텐션",
  exhibits: "전시 목록",
  backToPhotos: "사진",
  language: "언어",
  numbers: "숫자로 보기",
  formula: "수식",
  query: "쿼리",
  key: "키",
  value: "값",
  computing: "계산 중…",
  failures: {
    picture: { title: "사진을 읽지 못했습니다.", advice: "다른 사진을 고르세요. JPEG, PNG, WebP 파일이면 됩니다." },
    model: { title: "모델을 불러오지 못했습니다.", advice: "연결을 확인한 뒤 다시 시도하세요." },
    other: { title: "계산하지 못했습니다.", advice: "다시 시도해 보세요. 계속되면 페이지를 새로 고치세요." },
  },
  again: "다시 시도",
  train: "둘 다 학습하기",
  stop: "멈추기",
  update: "갱신 횟수",
  left: {
    minutes: (count) => `약 ${count}분 남음`,
    seconds: (count) => `약 ${count}초 남음`,
  },
  loss: "손실 (글자당 nat)",
  heldOffScreen: "화면 밖에 있는 동안에는 멈추어 기다립니다.",
  examined: "두 모델 모두 본 적 없는 예시 1,000개에 대하여",
  model: "모델",
  exactMatch: "완전히 맞음",
};

/** What all exhibits share. */
export const frameWords: InBoth<typeof en> = { en, ko };
