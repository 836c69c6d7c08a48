import type { InBoth } from "../state/language.ts";

const en = {
  title: "Warm-up",
  text: "A Transformer's first updates are its most fragile: Adam knows little of the gradients yet. So the learning rate rises for some updates, then falls as 1/√update. Below, the same small Transformer learns to write dates twice: with the rise, and with the same curve that falls from the first update on.",
  width: "Width d",
  warmup: "Updates of warm-up",
  rate: "Learning rate",
  curve: "Learning rate over the updates",
  update: "Update",
  with: "with warm-up",
  without: "without",
};

const ko: typeof en = {
  title: "웜업",
  text: "트랜스포머는 첫 갱신들에서 가장 불안정합니다. Adam이 아직 기울기를 잘 모르기 때문입니다. 그래서 학습률은 얼마 동안 올라간 뒤 1/√갱신 횟수로 내려갑니다. 아래에서 같은 작은 트랜스포머가 날짜 쓰기를 두 번 배웁니다. 한 번은 올라가는 구간이 있고, 한 번은 같은 곡선에서 처음부터 내려가기만 합니다.",
  width: "차원 d",
  warmup: "웜업 갱신 횟수",
  rate: "학습률",
  curve: "갱신에 따른 학습률",
  update: "갱신 횟수",
  with: "웜업 있음",
  without: "웜업 없음",
};

export const warmUpWords: InBoth<typeof en> = { en, ko };
