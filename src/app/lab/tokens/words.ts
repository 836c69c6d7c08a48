import type { TokenStepName } from "../../../../worker/contract/lab.ts";
import type { InBoth } from "../state/language.ts";

type StepWords = Readonly<Record<TokenStepName, string>>;

const steps: StepWords = {
  pixels: "Pixels of the patch, −1 to 1",
  embedded: "Embedded",
  position: "What stands for its place",
  input: "Into the block",
  normBefore: "LayerNorm",
  query: "Query",
  key: "Key",
  value: "Value",
  heads: "What the heads mixed, side by side",
  output: "Through the output layer",
  attended: "Added to what came in",
  normAfter: "LayerNorm",
  expanded: "Expanded",
  activated: "Activated, GELU",
  contracted: "Contracted",
  result: "Added again: out of the block",
};

const koreanSteps: StepWords = {
  pixels: "패치의 픽셀, −1에서 1까지",
  embedded: "임베딩",
  position: "자리를 나타내는 것",
  input: "블록에 들어가는 값",
  normBefore: "층 정규화",
  query: "쿼리",
  key: "키",
  value: "값",
  heads: "헤드들이 섞은 것을 이어 붙임",
  output: "출력층을 지난 뒤",
  attended: "들어온 값에 더함",
  normAfter: "층 정규화",
  expanded: "차원을 늘림",
  activated: "활성화, GELU",
  contracted: "차원을 줄임",
  result: "다시 더함: 블록에서 나가는 값",
};

const en = {
  title: "From picture to tokens",
  text: "A Vision Transformer cuts a picture into patches and makes a token of each. A class token, which belongs to no patch, goes in front, and to every token something is added that stands for its place. Choose a patch and a block, and follow its token through the block, number by number.",
  sequence: (tokens: number) => `The sequence of ${tokens} tokens`,
  cls: "C",
  followClass: "Follow the class token",
  classLearned: "The class token, as learned",
  heads: (count: number, size: number) => `${count} heads of ${size}`,
  followed: (place: string | null, block: number) =>
    `${place === null ? "The class token" : `The token of ${place}`}, through block ${block}`,
  step: "Step",
  shape: "Tokens × numbers",
  norm: "Its norm",
  values: "Its first numbers",
  intoModel: "Into the model",
  attention: "Attention",
  mlp: "MLP, token by token",
  looked: "Where it looked: what each head took its values from",
  onClass: (head: string, share: string) => `${head} · ${share} from the class token`,
  steps,
};

const ko: typeof en = {
  title: "사진에서 토큰으로",
  text: "비전 트랜스포머는 사진을 패치로 자르고 패치마다 토큰 하나를 만듭니다. 맨 앞에는 어느 패치에도 속하지 않는 클래스 토큰이 놓이고, 모든 토큰에 자리를 나타내는 것이 더해집니다. 패치와 블록을 골라, 그 토큰이 블록을 지나며 겪는 일을 숫자로 따라가 보세요.",
  sequence: (tokens) => `토큰 ${tokens}개의 열`,
  cls: "C",
  followClass: "클래스 토큰 따라가기",
  classLearned: "학습된 클래스 토큰",
  heads: (count, size) => `${size}차원 헤드 ${count}개`,
  followed: (place, block) => `${place === null ? "클래스 토큰" : `${place}의 토큰`}, 블록 ${block}에서 겪는 일`,
  step: "단계",
  shape: "토큰 × 숫자",
  norm: "노름",
  values: "처음 몇 숫자",
  intoModel: "모델에 들어가기까지",
  attention: "어텐션",
  mlp: "MLP, 토큰마다 따로",
  looked: "어디를 보았는가: 헤드마다 값을 가져온 곳",
  onClass: (head, share) => `${head} · 클래스 토큰에서 ${share}`,
  steps: koreanSteps,
};

export const tokenWords: InBoth<typeof en> = { en, ko };
